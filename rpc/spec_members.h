// SPDX-License-Identifier: LGPL-2.1-or-later
// The members of a DomainSpec, as members.h has those of messages. Names are the keys of xl.cfg;
// memory and time carry their unit.
#pragma once

#include "libdomain/spec/domain_spec.h"

namespace pvh::rpc {

/// Specialised for each message: `visit` walks the members, `is_strict` says that unknown ones are
/// refused.
template <class T> struct Members;

template <class T>
concept Message = requires {
    Members<T>::is_strict;
};

template <> struct Members<CpuSet> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("kind", m.kind, "what first and last count");
        v.optional("removed", m.is_removed, "taken from what stands before it");
        v.optional("first", m.first, "");
        v.optional("last", m.last, "");
    }
};

template <> struct Members<Scheduling> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.optional("cpu_weight", m.weight, "share of CPU time; absent: Xen's default");
        v.optional("cap", m.cap, "percent of one CPU; 0: none");
    }
};

template <> struct Members<CpuidMask> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("leaf", m.leaf, "");
        v.optional("subleaf", m.subleaf, "");
        v.optional("eax", m.eax, "32 characters from bit 31 down: 0, 1, x, k or s; or empty");
        v.optional("ebx", m.ebx, "");
        v.optional("ecx", m.ecx, "");
        v.optional("edx", m.edx, "");
    }
};

template <> struct Members<VirtualNode> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("pnode", m.pnode, "NUMA node of the host");
        v.required("size_mib", m.size_mib, "");
        v.required("vcpus", m.vcpus, "each vCPU is in one node");
        v.required("distances", m.distances, "to each virtual node, in their order");
    }
};

template <> struct Members<DiskSpec> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.optional("target", m.target, "path on the backend, or what the script takes");
        v.optional("format", m.format, "of the target");
        v.required("vdev", m.vdev, "the guest's name for it");
        v.optional("writable", m.is_writable, "");
        v.optional("shared", m.is_shared, "attached though somebody else may have it, too");
        v.optional("cdrom", m.is_cdrom, "read-only, with a removable medium");
        v.optional("backend", m.backend, "domain that serves it; empty: dom0");
        v.optional("backendtype", m.backend_type, "");
        v.optional("script", m.script, "empty: none");
        v.optional("discard", m.discard, "absent: what the backend does");
        v.optional("direct_io_safe", m.is_direct_io_safe, "");
        v.optional("trusted", m.is_trusted, "");
        v.optional("grant_usage", m.uses_grants, "");
    }
};

template <> struct Members<RateLimit> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("bytes_per_interval", m.bytes_per_interval, "");
        v.required("interval_us", m.interval_us, "");
    }
};

template <> struct Members<NicSpec> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.optional("mac", m.mac, "empty: drawn when it is attached");
        v.optional("bridge", m.bridge, "");
        v.optional("script", m.script, "");
        v.optional("ip", m.ip, "for the script");
        v.optional("vifname", m.vifname, "of the interface in the backend domain");
        v.optional("gatewaydev", m.gatewaydev, "");
        v.optional("backend", m.backend, "domain that serves it; empty: dom0");
        v.optional("vlan", m.vlan, "");
        v.optional("rate", m.rate, "absent: no limit");
        v.optional("mtu", m.mtu, "");
        v.optional("devid", m.devid, "");
        v.optional("trusted", m.is_trusted, "");
    }
};

template <> struct Members<ChannelSpec> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("connection", m.connection, "");
        v.optional("name", m.name, "");
        v.optional("path", m.path, "of a socket");
        v.optional("backend", m.backend, "domain that serves it; empty: dom0");
    }
};

template <> struct Members<P9Spec> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("tag", m.tag, "");
        v.required("path", m.path, "");
        v.required("security_model", m.security_model, "");
        v.optional("backend", m.backend, "domain that serves it; empty: dom0");
        v.optional("type", m.server, "");
        v.optional("max_files", m.max_files, "");
        v.optional("max_open_files", m.max_open_files, "");
        v.optional("max_space_mib", m.max_space_mib, "");
        v.optional("auto_delete", m.auto_delete, "");
    }
};

template <> struct Members<VtpmSpec> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("backend", m.backend, "domain that serves it");
        v.optional("uuid", m.uuid, "");
    }
};

template <> struct Members<DomainSpec> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        visit_basics(v, m);
        visit_actions(v, m);
        visit_cpus(v, m);
        visit_platform(v, m);
        visit_devices(v, m);
    }

  private:
    template <class V, class M> static void visit_basics(V& v, M& m) {
        v.required("name", m.name, "");
        v.optional("uuid", m.uuid, "absent: drawn at create");
        v.optional("kernel", m.kernel, "path on the host");
        v.optional("ramdisk", m.ramdisk, "path on the host; empty: none");
        v.optional("cmdline", m.cmdline, "");
        v.optional("memory_mib", m.memory_mib, "what the guest starts with");
        v.optional("max_memory_mib", m.max_memory_mib, "what it may grow to");
        v.optional("vcpus", m.vcpus, "online at boot");
        v.optional("maxvcpus", m.max_vcpus, "how many there are");
        v.optional("ap_startup", m.ap_startup, "who starts those beside the first");
    }

    template <class V, class M> static void visit_actions(V& v, M& m) {
        v.optional("on_poweroff", m.on_poweroff, "");
        v.optional("on_reboot", m.on_reboot, "");
        v.optional("on_crash", m.on_crash, "");
        v.optional("on_watchdog", m.on_watchdog, "");
        v.optional("on_soft_reset", m.on_soft_reset, "");
    }

    template <class V, class M> static void visit_cpus(V& v, M& m) {
        v.optional("pool", m.pool, "name or number of the CPU pool; empty: Pool-0");
        v.inlined(m.scheduling);
        v.optional("cpus", m.hard_affinity, "by vCPU, where it may run");
        v.optional("cpus_soft", m.soft_affinity, "by vCPU, where it would rather run");
        v.optional("vnuma", m.virtual_nodes, "empty: no NUMA");
        v.optional("cpuid", m.cpuid, "what differs from Xen's default");
        v.optional("tsc_mode", m.tsc_mode, "");
        v.optional("timer_mode", m.timer_mode, "");
    }

    template <class V, class M> static void visit_platform(V& v, M& m) {
        v.optional("localtime", m.uses_local_time, "the wall clock shows local time");
        v.optional("rtc_timeoffset_s", m.rtc_offset_s, "the wall clock shows UTC and this");
        v.optional("acpi", m.has_acpi, "");
        v.optional("nestedhvm", m.has_nested_hvm, "");
        v.optional("vpmu", m.has_vpmu, "");
        v.optional("nomigrate", m.never_migrates, "so it may see an invariant TSC");
        v.optional("driver_domain", m.is_driver_domain, "may serve devices of others");
        v.optional("max_grant_frames", m.max_grant_frames, "absent: Xen's default");
        v.optional("max_maptrack_frames", m.max_maptrack_frames, "absent: Xen's default");
        v.optional("max_grant_version", m.max_grant_version, "absent: the host's highest");
        v.optional("max_event_channels", m.max_event_channels, "the highest port");
        v.optional("seclabel", m.seclabel, "XSM label of the running domain");
        v.optional("init_seclabel", m.init_seclabel, "XSM label of its construction");
    }

    template <class V, class M> static void visit_devices(V& v, M& m) {
        v.optional("disk", m.disks, "");
        v.optional("vif", m.nics, "");
        v.optional("channel", m.channels, "");
        v.optional("p9", m.p9, "");
        v.optional("vtpm", m.vtpms, "");
    }
};

} // namespace pvh::rpc
