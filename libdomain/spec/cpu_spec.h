// SPDX-License-Identifier: LGPL-2.1-or-later
// Where and how the vCPUs of a domain run.
#pragma once

#include "libdomain/core/guest_types.h"
#include "libdomain/spec/words.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvh {

/// What one item of a list of CPUs names.
enum class CpuSetKind : std::uint8_t { cpus, nodes, all };

template <>
inline constexpr std::array<std::string_view, 3> kWords<CpuSetKind>{"cpus", "nodes", "all"};

/// CPUs, or the CPUs of NUMA nodes, from first to last; `all` has no bounds.
struct CpuSet {
    CpuSetKind kind{};
    bool is_removed{}; // taken from what stands before it
    unsigned first{};
    unsigned last{};

    friend bool operator==(const CpuSet&, const CpuSet&) = default;
};

/// Read from left to right. Which CPUs a host has is not known here: those it has not are passed
/// over when the domain is built.
using CpuList = std::vector<CpuSet>;

/// The NUMA node of each CPU of the host, by CPU number; nothing where there is no CPU.
using CpuNodes = std::vector<std::optional<unsigned>>;

/// The CPUs of the host that a list names; those that it has not are passed over. Throws
/// Errc::invalid_config, calling the list `what`, if nothing is left.
CpuMask resolve_cpus(const CpuList& list, std::string_view what, const CpuNodes& host);

/// One number of CPUs or nodes more than any Xen knows.   [NR_CPUS <= 4095]
inline constexpr unsigned kMaxCpus = 4096;

/// Of one list of CPUs, of which every vCPU may have another.
inline constexpr std::size_t kMaxCpuItems = 256;
/// Leaves of cpuid: xl knows some 300 names.
inline constexpr std::size_t kMaxCpuidMasks = 512;

/// Parameters of credit and credit2; absent ones keep Xen's default.
struct Scheduling {
    std::optional<unsigned> weight = {};
    std::optional<unsigned> cap = {}; // percent of one CPU; 0: none

    friend bool operator==(const Scheduling&, const Scheduling&) = default;
};

/// How the guest sees the time-stamp counter.   [docs/man/xen-tscmode.7; values are the ABI's]
enum class TscMode : std::uint8_t { standard, always_emulate, native };

template <>
inline constexpr std::array<std::string_view, 3> kWords<TscMode>{"default", "always_emulate",
                                                                 "native"};

/// What happens to timer ticks of a vCPU that does not run.   [HVMPTM_* in
/// xen/include/public/hvm/params.h; values are the ABI's]
enum class TimerMode : std::uint8_t {
    delay_for_missed_ticks,
    no_delay_for_missed_ticks,
    no_missed_ticks_pending,
    one_missed_tick_pending,
};

template <>
inline constexpr std::array<std::string_view, 4> kWords<TimerMode>{
    "delay_for_missed_ticks", "no_delay_for_missed_ticks", "no_missed_ticks_pending",
    "one_missed_tick_pending"};

/// Who starts the vCPUs beside the first.
enum class ApStartup : std::uint8_t {
    guest,  // the kernel, by INIT and SIPI or by hypercall
    vcpuop, // code of ours in the guest, by hypercall, when the kernel asks for it in ACPI's way
};

template <> inline constexpr std::array<std::string_view, 2> kWords<ApStartup>{"guest", "vcpuop"};

/// XEN_LEGACY_MAX_VCPUS without the one that starts the others: Xen before 4.19 starts none beyond
/// by VCPUOP_initialise unless its vcpu_info was registered, which can be done once only, and Linux
/// does it.   [xen/include/public/arch-x86/xen.h; xen/common/domain.c common_vcpu_op]
inline constexpr unsigned kMaxApStartupVcpus = 31;

/// What a guest is to see of one CPUID leaf: for each of eax, ebx, ecx and edx nothing, or 32
/// characters from bit 31 down to bit 0: '0' and '1' force, 'k' and 's' show what the host has, 'x'
/// leaves it to Xen.   [xl.cfg(5), "cpuid"]
struct CpuidMask {
    std::uint32_t leaf{};
    std::optional<std::uint32_t> subleaf = {};
    std::string eax = {};
    std::string ebx = {};
    std::string ecx = {};
    std::string edx = {};

    friend bool operator==(const CpuidMask&, const CpuidMask&) = default;
};

/// A virtual NUMA node.
struct VirtualNode {
    unsigned pnode{}; // of the host
    std::uint64_t size_mib{};
    std::vector<unsigned> vcpus = {};     // in any order
    std::vector<unsigned> distances = {}; // to each virtual node, in their order

    friend bool operator==(const VirtualNode&, const VirtualNode&) = default;
};

} // namespace pvh
