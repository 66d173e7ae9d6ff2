// SPDX-License-Identifier: LGPL-2.1-or-later
// The members of each message in one table: the writer, the reader and the schema all walk it, so
// that a member is added in one line and cannot be forgotten in one of the three. A visitor has
// required(name, member, meaning), optional(name, member, meaning), inlined(sub-message) and, where
// somebody may want little of much, partial(name, sub-messages, fields, meaning).
#pragma once

#include "rpc/messages.h"
#include "rpc/spec_members.h"

namespace pvh::rpc {

template <> struct Members<NoParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& /*v*/, M& /*m*/) {}
};

template <> struct Members<Selector> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.optional("uuid", m.uuid, "the domain's UUID");
        v.optional("name", m.name, "the domain's name");
        v.optional("domid", m.domid, "the domain's number on this host");
    }
};

template <> struct Members<Identity> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("uuid", m.uuid, "the domain's UUID: its identity, kept over restarts");
        v.required("name", m.name, "unique among living domains");
        v.required("domid", m.domid,
                   "the domain's number on this host now; changes with a restart");
    }
};

template <> struct Members<CreateParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.optional("config", m.config, "text in the language of xl.cfg; either this or spec");
        v.optional("config_name", m.config_name, "what diagnostics call the text");
        v.optional("overrides", m.overrides, "key=value each, read after the text");
        v.optional("directory", m.directory, "absolute; where relative paths in the text start");
        v.optional("strict", m.strict, "refuse options in the text that nobody knows");
        v.optional("spec", m.spec, "the domain as domain.plan and domain.get tell it");
        v.optional("paused", m.paused, "leave the domain paused");
        v.optional("trace", m.trace, "answer with the timeline");
    }
};

template <> struct Members<TimelineStage> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("stage", m.stage, "name of the stage");
        v.required("elapsed_us", m.elapsed_us, "what the stage took, in microseconds");
    }
};

template <> struct Members<CreateResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("warnings", m.warnings, "of the config, each file:line:col: warning: ...");
        v.optional("timeline", m.timeline, "with trace: the stages in order");
    }
};

template <> struct Members<SetConfigParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("config", m.config, "text in the language of xl.cfg; either this or spec");
        v.optional("config_name", m.config_name, "what diagnostics call the text");
        v.optional("overrides", m.overrides, "key=value each, read after the text");
        v.optional("directory", m.directory, "absolute; where relative paths in the text start");
        v.optional("strict", m.strict, "refuse options in the text that nobody knows");
        v.optional("spec", m.spec, "the domain as domain.plan and domain.get tell it");
    }
};

template <> struct Members<SetConfigResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("warnings", m.warnings, "of the config, each file:line:col: warning: ...");
    }
};

template <> struct Members<MemoryRangeResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("address", m.address, "guest physical address");
        v.required("size", m.size, "in bytes");
        v.required("type", m.type, "ram, reserved, acpi or nvs");
    }
};

template <> struct Members<LoadResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("what", m.what, "kernel, ramdisk, start_info, ...");
        v.required("address", m.address, "guest physical address");
        v.required("size", m.size, "in bytes");
    }
};

template <> struct Members<PlannedNode> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("path", m.path, "32767 stands for the domain's number");
        v.required("value", m.value, "");
        v.required("permissions", m.permissions, "as xenstore-ls -p has them");
    }
};

template <> struct Members<PlanResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("spec", m.spec, "the domain as the config asks for it");
        v.required("kernel_format", m.kernel_format, "what the kernel file is");
        v.required("entry", m.entry, "guest physical address of the PVH entry");
        v.required("start_info", m.start_info, "guest physical address of start_info");
        v.required("memory_map", m.memory_map, "what the guest is told, ascending");
        v.required("loads", m.loads, "what is copied into the guest, ascending");
        v.required("needed_kib", m.needed_kib, "host memory that a create claims");
        v.required("steps", m.steps, "hypercalls, and what is done to xenstore, in their order");
        v.required("nodes", m.nodes, "what is then in xenstore, ascending by path");
        v.required("warnings", m.warnings, "of the config, each file:line:col: warning: ...");
    }
};

template <> struct Members<DomainStatus> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("state", m.state,
                   "running, blocked, paused, shutdown, dying, idle or restarting");
        v.required("running", m.running, "a vCPU is on a CPU");
        v.required("blocked", m.blocked, "all vCPUs wait for an event");
        v.required("paused", m.paused, "by the toolstack");
        v.required("shutdown", m.shutdown, "has ended and was not yet destroyed");
        v.required("dying", m.dying, "is being torn down");
        v.required("shutdown_reason", m.shutdown_reason,
                   "poweroff, reboot, suspend, crash, watchdog, soft_reset or digits; empty unless "
                   "shutdown");
        v.required("memory_kib", m.memory_kib, "owned now");
        v.required("max_memory_kib", m.max_memory_kib, "Xen's limit");
        v.required("outstanding_kib", m.outstanding_kib, "claimed, not yet populated");
        v.required("vcpus_online", m.vcpus_online, "vCPUs in use");
        v.required("max_vcpus", m.max_vcpus, "vCPUs there are");
        v.required("cpu_time_ns", m.cpu_time_ns, "of all vCPUs since the domain began");
        v.required("cpupool", m.cpupool, "number of its CPU pool");
        v.required("managed", m.managed, "made or adopted by this daemon");
        v.required("operation", m.operation, "what is under way on it; empty: nothing");
        v.optional("remark", m.remark, "for people: why it is as it is, if that needs words");
    }
};

template <> struct Members<ListParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.optional("fields", m.fields,
                   "of each domain tell these members alone, and of these, but for uuid, name and "
                   "domid, none that is false, 0 or empty; absent: all, whatever they are");
    }
};

template <> struct Members<ListResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.partial("domains", m.domains, m.fields, "ascending by domid");
    }
};

template <> struct Members<GetResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("status", m.status, "as in domain.list");
        v.optional("spec", m.spec, "of managed domains");
        v.optional("next_spec", m.next_spec, "of its next life, by domain.set_config");
        v.required("console_tty", m.console_tty,
                   "path of its pseudo-terminal; empty until there is one");
    }
};

template <> struct Members<ShutdownParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("force", m.force,
                   "do not ask the guest: end it with that reason by the hypervisor");
    }
};

template <> struct Members<DeviceStatus> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("kind", m.kind, "vbd (a disk), vif (an interface), console (a channel), ...");
        v.required("devid", m.devid, "its number in the guest");
        v.required("backend_domid", m.backend_domid, "who serves it");
        v.required("backend_path", m.backend_path, "its backend's folder in xenstore");
        v.required("state", m.state, "the guest's XenbusState: 4 is connected, 0 unknown");
        v.required("backend_state", m.backend_state, "the backend's");
        v.optional("event_channel", m.event_channel, "as the guest says");
        v.optional("ring_ref", m.ring_ref, "of a disk or channel, as the guest says");
        v.optional("tx_ring_ref", m.tx_ring_ref, "of an interface, as the guest says");
        v.optional("rx_ring_ref", m.rx_ring_ref, "of an interface, as the guest says");
        v.required("vdev", m.vdev, "name of a disk, e.g. xvda; empty: it is none");
        v.required("target", m.target, "path behind a disk or a 9p share");
        v.required("writable", m.writable, "the guest may write to the disk");
        v.required("mac", m.mac, "of an interface");
        v.required("bridge", m.bridge, "whose port an interface is");
        v.optional("name", m.name, "by which the guest's programs know a channel");
        v.optional("connection", m.connection, "pty or socket: what a channel is in dom0");
        v.optional("path", m.path, "of that pseudo-terminal or socket");
    }
};

template <> struct Members<DevicesResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("devices", m.devices, "ascending by kind and devid");
    }
};

template <> struct Members<AttachParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("disk", m.disk, "an item of xl.cfg's disk; either this or vif");
        v.optional("vif", m.vif, "an item of xl.cfg's vif; may be empty");
        v.optional("directory", m.directory, "absolute; where a relative path starts");
    }
};

template <> struct Members<DetachParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("disk", m.disk, "name of the disk, xvdb, or its number; either this or vif");
        v.optional("vif", m.vif, "number or MAC of the interface");
        v.optional("force", m.force, "take it away without asking the guest");
        v.optional("timeout_ms", m.timeout_ms, "how long the guest has; up to 60000");
    }
};

template <> struct Members<DeviceResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("device", m.device, "as in device.list; one that was detached, as it was");
        v.required("warnings", m.warnings, "of the text, each disk:1:col: warning: ...");
    }
};

template <> struct Members<VcpusParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) { v.inlined(m.domain); }
};

template <> struct Members<VcpuStatus> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("vcpu", m.vcpu, "its number");
        v.required("online", m.online, "the guest uses it");
        v.required("blocked", m.blocked, "it waits for an event");
        v.required("running", m.running, "it is on a CPU");
        v.required("cpu", m.cpu, "where it runs or last ran");
        v.required("cpu_time_ns", m.cpu_time_ns, "since the domain began");
        v.required("hard_affinity", m.hard_affinity, "CPUs it may run on: 0-3,5, all or none");
        v.required("soft_affinity", m.soft_affinity, "CPUs it would rather run on");
    }
};

template <> struct Members<DomainVcpus> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("vcpus", m.vcpus, "ascending by number");
    }
};

template <> struct Members<VcpusResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("domains", m.domains, "ascending by domid");
    }
};

template <> struct Members<VcpuStateParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("vcpu", m.vcpu, "its number; it must be up");
    }
};

template <> struct Members<SegmentState> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("selector", m.selector, "");
        v.required("base", m.base, "");
        v.required("limit", m.limit, "");
        v.required("attributes", m.attributes, "the access byte, then AVL, L, D/B and G");
    }
};

template <> struct Members<VcpuState> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("rip", m.rip, "");
        v.required("rbx", m.rbx, "");
        v.required("rflags", m.rflags, "");
        v.required("cr0", m.cr0, "");
        v.required("cr3", m.cr3, "");
        v.required("cr4", m.cr4, "");
        v.required("efer", m.efer, "");
        v.required("dr6", m.dr6, "");
        v.required("dr7", m.dr7, "");
        v.required("cs", m.cs, "");
        v.required("ds", m.ds, "");
        v.required("es", m.es, "");
        v.required("ss", m.ss, "");
        v.required("fs", m.fs, "");
        v.required("gs", m.gs, "");
        v.required("ldtr", m.ldtr, "");
        v.required("tr", m.tr, "");
    }
};

template <> struct Members<VcpuStateResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("state", m.state, "registers, and segments with their hidden parts");
    }
};

template <> struct Members<SetVcpusParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("vcpus", m.vcpus, "how many are to be online");
    }
};

template <> struct Members<RenameParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("new_name", m.new_name, "what it is to be called");
    }
};

template <> struct Members<SetMemoryParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("target_kib", m.target_kib, "what the guest is asked to have");
        v.optional("max_kib", m.max_kib, "how far the target may go");
    }
};

template <> struct Members<MemoryResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("target_kib", m.target_kib, "what the guest is asked to have");
        v.required("max_kib", m.max_kib, "how far the target may go");
        v.required("memory_kib", m.memory_kib, "owned now");
    }
};

template <> struct Members<PinVcpuParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("vcpu", m.vcpu, "its number; absent: all");
        v.optional("hard", m.hard, "CPUs where it may run, as in cpus=; absent: as they are");
        v.optional("soft", m.soft, "CPUs where it would rather run; absent: as they are");
    }
};

template <> struct Members<TriggerParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("trigger", m.trigger, "nmi, reset, init, power or sleep");
        v.optional("vcpu", m.vcpu, "which vCPU it is for");
    }
};

template <> struct Members<SysrqParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("key", m.key, "one character");
    }
};

template <> struct Members<SchedulingParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) { v.inlined(m.domain); }
};

template <> struct Members<DomainScheduling> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("cpupool", m.cpupool, "number of its CPU pool");
        v.required("scheduler", m.scheduler, "of that pool");
        v.optional("weight", m.weight, "its share, relative to others");
        v.optional("cap", m.cap, "percent of one CPU at most; 0: no limit");
        v.required("node_affinity", m.node_affinity, "NUMA nodes: 0-1, all or none");
    }
};

template <> struct Members<SchedulingResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("domains", m.domains, "ascending by domid");
    }
};

template <> struct Members<SetSchedulingParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("weight", m.weight, "1 to 65535");
        v.optional("cap", m.cap, "percent of one CPU at most; 0: no limit");
    }
};

template <> struct Members<UptimeParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) { v.inlined(m.domain); }
};

template <> struct Members<DomainUptime> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("uptime_s", m.uptime_s, "seconds since it was started, if that is known");
    }
};

template <> struct Members<UptimeResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("domains", m.domains, "ascending by domid");
    }
};

template <> struct Members<CpuPoolStatus> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("id", m.id, "its number");
        v.required("name", m.name, "");
        v.required("scheduler", m.scheduler, "credit2, credit, rtds, null or arinc653");
        v.required("cpus", m.cpus, "of the host, ascending");
        v.required("domains", m.domains, "how many are in it");
        v.optional("tslice_ms", m.tslice_ms, "time slice, of credit");
        v.optional("ratelimit_us", m.ratelimit_us, "least time on a CPU, of credit and credit2");
        v.optional("migration_delay_us", m.migration_delay_us, "of credit");
    }
};

template <> struct Members<CpuPoolsResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("pools", m.pools, "ascending by number");
    }
};

template <> struct Members<CreateCpuPoolParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("name", m.name, "nobody else's");
        v.optional("scheduler", m.scheduler, "credit2, credit, ...; without it that of pool 0");
        v.optional("cpus", m.cpus, "which are in no pool, as in cpus= of a config");
    }
};

template <> struct Members<CpuPoolParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("pool", m.pool, "its name or number");
    }
};

template <> struct Members<UpdateCpuPoolParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("pool", m.pool, "its name or number");
        v.optional("new_name", m.new_name, "nobody else's");
        v.optional("add_cpus", m.add_cpus, "which are in no pool, as in cpus= of a config");
        v.optional("remove_cpus", m.remove_cpus, "which are in no pool then");
        v.optional("tslice_ms", m.tslice_ms, "time slice, of credit: 1 to 1000");
        v.optional("ratelimit_us", m.ratelimit_us,
                   "least time on a CPU, of credit and credit2: 100 to 500000, 0 for none");
        v.optional("migration_delay_us", m.migration_delay_us, "of credit: up to 100000");
    }
};

template <> struct Members<SetCpuPoolParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("pool", m.pool, "name or number of a CPU pool");
    }
};

template <> struct Members<CpuTopology> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("cpu", m.cpu, "its number");
        v.optional("core", m.core, "if the CPU tells");
        v.optional("socket", m.socket, "if the CPU tells");
        v.required("node", m.node, "NUMA node");
    }
};

template <> struct Members<NodeTopology> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("node", m.node, "its number");
        v.required("memory_kib", m.memory_kib, "");
        v.required("free_kib", m.free_kib, "");
        v.required("distances", m.distances, "to each node by number; 10 is its own");
    }
};

template <> struct Members<DeviceTopology> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("device", m.device, "segment:bus:device.function");
        v.required("node", m.node, "NUMA node");
    }
};

template <> struct Members<TopologyResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("cpus", m.cpus, "those online, ascending");
        v.required("nodes", m.nodes, "ascending");
        v.required("devices", m.devices, "of PCI, as far as the firmware told their node");
    }
};

template <> struct Members<UsageParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) { v.inlined(m.domain); }
};

template <> struct Members<DomainUsage> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("status", m.status, "as in domain.list");
        v.required("vbds", m.vbds, "disks that dom0's kernel serves");
        v.required("vifs", m.vifs, "interfaces that dom0 serves");
        v.required("disk_reads", m.disk_reads, "requests");
        v.required("disk_writes", m.disk_writes, "requests");
        v.required("disk_read_bytes", m.disk_read_bytes, "");
        v.required("disk_written_bytes", m.disk_written_bytes, "");
        v.required("received_bytes", m.received_bytes, "by the guest from the network");
        v.required("sent_bytes", m.sent_bytes, "by the guest to the network");
    }
};

template <> struct Members<UsageResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("time_ns", m.time_ns, "of a clock that only goes forward, when it was looked");
        v.required("domains", m.domains, "ascending by domid");
    }
};

template <> struct Members<DmesgParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.optional("clear", m.clear, "empty it afterwards");
    }
};

template <> struct Members<DmesgResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("text", m.text, "what Xen has printed, as much as it keeps");
    }
};

template <> struct Members<DebugKeysParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("keys", m.keys, "as typed on Xen's own console; h lists them there");
    }
};

template <> struct Members<NoResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& /*v*/, M& /*m*/) {}
};

template <> struct Members<DumpCoreParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("path", m.path, "of the new file, absolute");
        v.optional("live", m.live, "let the guest run on meanwhile");
    }
};

template <> struct Members<DumpCoreResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("path", m.path, "the file");
        v.required("bytes", m.bytes, "its size, holes included");
        v.required("disk_bytes", m.disk_bytes, "what it takes of the disk");
        v.required("memory_kib", m.memory_kib, "the guest's memory in it");
        v.required("vcpus", m.vcpus, "those that were ever up");
    }
};

template <> struct Members<WaitParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("until", m.until, "shutdown (stopped or gone), gone, running or console");
        v.optional("timeout_ms", m.timeout_ms, "absent: as long as the connection lives");
    }
};

template <> struct Members<WaitResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("reached", m.reached, "shutdown, gone, running or console");
        v.required("shutdown_reason", m.shutdown_reason, "as in domain.list, if known");
    }
};

template <> struct Members<ConsoleResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("tty", m.tty, "path of the pseudo-terminal of console 0");
        v.optional("service", m.service, "who made it: pvhconsoled or xenconsoled");
    }
};

template <> struct Members<ConsoleAttachParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("replay", m.replay, "begin with what is kept of the output");
        v.optional("follow", m.follow, "go on until the domain ends");
        v.optional("read_only", m.read_only, "never be the one who writes");
        v.optional("take_over", m.take_over, "be the one who writes, whoever did");
        v.optional("notices", m.notices, "lines about who writes may come between the output");
    }
};

template <> struct Members<ConsoleAttachResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.required("writes", m.writes, "what the client sends goes to the guest");
        v.required("writer", m.writer, "who writes now");
        v.required("lost_bytes", m.lost_bytes, "printed before what is kept begins");
    }
};

template <> struct Members<EventData> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.optional("managed", m.managed, "created: by this daemon");
        v.optional("paused", m.paused, "created: it does not run yet");
        v.optional("reason", m.reason, "shutdown, destroyed, restarting: why it has ended");
        v.optional("old_name", m.old_name, "renamed");
        v.optional("device", m.device, "which one, for people");
        v.optional("message", m.message, "what went wrong, for people");
        v.optional("delay_ms", m.delay_ms, "restart_failed, restart_delayed: until the next");
        v.optional("first_lost", m.first_lost, "overflow: number of the first event not sent");
        v.optional("last_lost", m.last_lost, "overflow: number of the last event not sent");
    }
};

template <> struct Members<Event> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("seq", m.seq, "its number: ascends without gaps as long as boot_id stays");
        v.required("boot_id", m.boot_id, "the log that the number belongs to");
        v.required("time", m.time, "UTC, as in RFC 3339");
        v.required("type", m.type, "what happened");
        v.inlined(m.domain);
        v.required("data", m.data, "more of it, by type");
    }
};

template <> struct Members<EventFilter> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.domain);
        v.optional("types", m.types, "only these; absent: all");
    }
};

template <> struct Members<EventsParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.filter);
        v.optional("since", m.since, "those after this number; absent: all that are kept");
        v.optional("boot_id", m.boot_id, "the log that since belongs to");
        v.optional("limit", m.limit, "at most so many, the oldest of them; 1000 unless given");
    }
};

template <> struct Members<EventsResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("boot_id", m.boot_id, "the log that the numbers belong to");
        v.required("first", m.first, "number of the oldest event that is kept");
        v.required("last", m.last, "number of the newest; 0: there was none yet");
        v.required("events", m.events, "ascending by number");
    }
};

template <> struct Members<SubscribeParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.inlined(m.filter);
        v.optional("since", m.since, "begin after this number; absent: with what comes");
        v.optional("boot_id", m.boot_id, "the log that since belongs to");
    }
};

template <> struct Members<SubscribeResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("boot_id", m.boot_id, "the log that the numbers belong to");
        v.required("seq", m.seq, "the notifications begin after this number");
    }
};

template <> struct Members<JobParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("job", m.job, "what the call answered that began it");
    }
};

template <> struct Members<JobWaitParams> {
    static constexpr bool is_strict = true;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("job", m.job, "what the call answered that began it");
        v.optional("timeout_ms", m.timeout_ms, "absent: as long as the connection lives");
    }
};

template <> struct Members<JobBegun> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("job", m.job, "by which job.get and the others know it");
    }
};

template <> struct Members<JobStatus> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("job", m.job, "what the call answered that began it");
        v.required("method", m.method, "of that call");
        v.required("by", m.by, "who called");
        v.required("subject", m.subject, "for people: what it was to be done to");
        v.required("state", m.state, "running, done, failed or cancelled");
        v.required("stage", m.stage, "of a build: the last that is done; empty: none yet");
        v.required("done", m.done, "how many stages are");
        v.required("total", m.total, "how many there are; 0: it has none");
        v.required("elapsed_us", m.elapsed_us, "since it began, until it ended");
        v.optional("result", m.result, "done: what the call would have answered");
        v.optional("error", m.error, "failed, cancelled: the error it would have been");
    }
};

template <> struct Members<JobListResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("jobs", m.jobs, "those under way and the last that ended, as they began");
    }
};

template <> struct Members<DoctorCheck> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("name", m.name, "of the check: a stable word");
        v.required("status", m.status, "ok, warn or fail");
        v.required("message", m.message, "what was seen, for people");
        v.required("hint", m.hint, "what to do about it; empty if all is well");
    }
};

template <> struct Members<DoctorResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("checks", m.checks, "");
    }
};

template <> struct Members<MetricsResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("text", m.text, "in Prometheus' text format, version 0.0.4");
    }
};

template <> struct Members<PingResult> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.required("version", m.version, "of pvhd");
    }
};

template <> struct Members<SystemInfo> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        visit_daemon(v, m);
        visit_host(v, m);
        visit_memory(v, m);
        visit_xen(v, m);
    }

  private:
    template <class V, class M> static void visit_daemon(V& v, M& m) {
        v.required("version", m.version, "of pvhd");
        v.required("api_major", m.api_major, "changes when clients break");
        v.required("api_minor", m.api_minor, "grows with additions");
        v.required("features", m.features, "what this pvhd can do beyond the first version");
    }

    template <class V, class M> static void visit_host(V& v, M& m) {
        v.required("host", m.host, "its name");
        v.required("release", m.release, "of dom0's kernel, as uname -r");
        v.required("kernel_version", m.kernel_version, "of dom0's kernel, as uname -v");
        v.required("machine", m.machine, "architecture");
        v.required("nr_cpus", m.nr_cpus, "CPUs online");
        v.required("max_cpu_id", m.max_cpu_id, "the highest CPU number");
        v.required("nr_nodes", m.nr_nodes, "NUMA nodes");
        v.required("cores_per_socket", m.cores_per_socket, "");
        v.required("threads_per_core", m.threads_per_core, "");
        v.required("cpu_khz", m.cpu_khz, "");
        v.required("hw_caps", m.hw_caps, "eight hexadecimal words joined by colons");
        v.required("virt_caps", m.virt_caps, "words of xl info");
    }

    template <class V, class M> static void visit_memory(V& v, M& m) {
        v.required("total_memory_mib", m.total_memory_mib, "");
        v.required("free_memory_mib", m.free_memory_mib, "neither owned nor claimed");
        v.required("sharing_freed_memory_mib", m.sharing_freed_memory_mib, "");
        v.required("sharing_used_memory_mib", m.sharing_used_memory_mib, "");
        v.required("outstanding_claims_mib", m.outstanding_claims_mib,
                   "claimed, not yet populated");
        v.required("free_cpus", m.free_cpus, "CPUs in no pool");
    }

    template <class V, class M> static void visit_xen(V& v, M& m) {
        v.required("xen_major", m.xen_major, "");
        v.required("xen_minor", m.xen_minor, "");
        v.required("xen_extra", m.xen_extra, "");
        v.required("xen_caps", m.xen_caps, "");
        v.required("xen_scheduler", m.xen_scheduler, "");
        v.required("xen_pagesize", m.xen_pagesize, "in bytes");
        v.required("platform_params", m.platform_params, "");
        v.required("xen_changeset", m.xen_changeset, "");
        v.required("xen_commandline", m.xen_commandline, "");
        v.required("cc_compiler", m.cc_compiler, "");
        v.required("cc_compile_by", m.cc_compile_by, "");
        v.required("cc_compile_domain", m.cc_compile_domain, "");
        v.required("cc_compile_date", m.cc_compile_date, "");
        v.required("build_id", m.build_id, "");
    }
};

} // namespace pvh::rpc
