// SPDX-License-Identifier: LGPL-2.1-or-later
// What a domain is, as its owner asked for it. Plain data; every default of the language lives
// here.
#pragma once

#include "libdomain/core/uuid.h"
#include "libdomain/spec/cpu_spec.h"
#include "libdomain/spec/device_spec.h"
#include "libdomain/spec/end_action.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvh {

struct DomainSpec {
    std::string name;
    /// Absent: the daemon draws one at create, and keeps it over restarts.
    std::optional<Uuid> uuid;

    /// Paths on the host, absolute once the config reader is done with them.
    std::string kernel;
    std::string ramdisk; // empty: none
    std::string cmdline;

    /// What the guest starts with, and may grow to. Equal unless it boots ballooned (populate on
    /// demand).
    std::uint64_t memory_mib = 32;
    std::uint64_t max_memory_mib = 32;
    /// vCPUs online at boot, and how many there are.
    unsigned vcpus = 1;
    unsigned max_vcpus = 1;
    ApStartup ap_startup = ApStartup::guest;

    EndAction on_poweroff = EndAction::destroy;
    EndAction on_reboot = EndAction::restart;
    EndAction on_crash = EndAction::destroy;
    EndAction on_watchdog = EndAction::destroy;
    EndAction on_soft_reset = EndAction::soft_reset;

    /// Name or number of the CPU pool; empty: Pool-0.
    std::string pool;
    Scheduling scheduling;
    /// By vCPU; vCPUs beyond the end run anywhere.
    std::vector<CpuList> hard_affinity;     // where it may run
    std::vector<CpuList> soft_affinity;     // where it would rather run
    std::vector<VirtualNode> virtual_nodes; // empty: no NUMA

    std::vector<CpuidMask> cpuid;
    TscMode tsc_mode = TscMode::standard;
    TimerMode timer_mode = TimerMode::no_delay_for_missed_ticks;
    /// The guest's wall clock shows local time, or this many seconds more than UTC.
    bool uses_local_time = false;
    std::int64_t rtc_offset_s = 0;

    bool has_acpi = true;
    bool has_nested_hvm = false;
    bool has_vpmu = false;
    bool never_migrates = false; // so it may see an invariant TSC
    bool is_driver_domain = false;

    /// Absent: Xen's defaults.
    std::optional<std::uint32_t> max_grant_frames;
    std::optional<std::uint32_t> max_maptrack_frames;
    std::optional<std::uint32_t> max_grant_version;
    std::uint32_t max_event_channels = 1023; // the highest port

    /// XSM labels of the running domain, and of its construction if that is another.
    std::string seclabel;
    std::string init_seclabel;

    std::vector<DiskSpec> disks;
    std::vector<NicSpec> nics;
    std::vector<ChannelSpec> channels;
    std::vector<P9Spec> p9;
    std::vector<VtpmSpec> vtpms;

    friend bool operator==(const DomainSpec&, const DomainSpec&) = default;
};

/// HVM_MAX_VCPUS.   [xen/include/public/hvm/hvm_info_table.h]
inline constexpr unsigned kMaxVcpus = 128;
/// A start_info command line has no limit of its own; Linux takes 2 KiB, others more.
inline constexpr std::size_t kMaxCmdline = 64UL * 1024;
/// 1 MiB-ish unikernels are welcome; below that nothing with tables and a start_info fits.
inline constexpr std::uint64_t kMinMemoryMib = 1;
/// 16 TiB: the reach of a 44-bit guest physical address, beyond what Xen 4.17 supports for a guest.
inline constexpr std::uint64_t kMaxMemoryMib = 16ULL * 1024 * 1024;

/// Their distances have to fit into one page of Xen's.   [xen/common/domctl.c vnuma_alloc]
inline constexpr std::size_t kMaxVirtualNodes = 32;
/// Of a virtual NUMA node to itself; to others it is more, in one byte. Linux ignores a table where
/// it is not so.   [ACPI 6.5 section 5.2.17]
inline constexpr unsigned kLocalDistance = 10;
inline constexpr unsigned kMaxDistance = 255;

/// Of credit and credit2.   [tools/libs/light/libxl_sched.c]
inline constexpr unsigned kMaxWeight = 65535;
/// Percent of a CPU, each vCPU.
inline constexpr unsigned kMaxCapPerVcpu = 100;
/// Xen's numbers of frames are ints.
inline constexpr std::uint32_t kMaxFrames = 0x7fffffff;
/// Xen's offset is an int.
inline constexpr std::int64_t kMaxRtcOffset = 0x7fffffff;

} // namespace pvh
