// SPDX-License-Identifier: LGPL-2.1-or-later
// What a domain is, as its owner asked for it. Plain data; every default of the language lives
// here.
#pragma once

#include "libdomain/core/uuid.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pvh {

/// What to do when a domain ends.   [xl.cfg(5), "Event Actions"]
enum class EndAction {
    destroy,
    restart,
    rename_restart,
    preserve,
    coredump_destroy,
    coredump_restart,
    soft_reset,
};

/// The word of xl.cfg, e.g. "rename-restart".
std::string_view to_string(EndAction action);
std::optional<EndAction> parse_end_action(std::string_view word);

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

    EndAction on_poweroff = EndAction::destroy;
    EndAction on_reboot = EndAction::restart;
    EndAction on_crash = EndAction::destroy;
    EndAction on_watchdog = EndAction::destroy;
    EndAction on_soft_reset = EndAction::soft_reset;

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

} // namespace pvh
