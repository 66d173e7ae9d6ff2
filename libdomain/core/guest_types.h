// SPDX-License-Identifier: LGPL-2.1-or-later
// Values that planning decides and the hypervisor room carries out.
#pragma once

#include "libdomain/core/ids.h"

#include <cstdint>
#include <vector>

namespace pvh {

/// [ACPI 6.x section 15, "System Address Map Interfaces";
/// xen/include/public/arch-x86/hvm/start_info.h]
enum class MemoryType : std::uint32_t { ram = 1, reserved = 2, acpi = 3, nvs = 4 };

struct MemoryRange {
    GuestAddr address;
    std::uint64_t size{}; // bytes
    MemoryType type{};
    friend bool operator==(const MemoryRange&, const MemoryRange&) = default;
};

/// 2^order pages from `first`, which is a multiple of that. Orders in use: 0 (4 KiB), 9 (2 MiB), 18
/// (1 GiB).
struct Extent {
    Gfn first;
    unsigned order{};
    friend bool operator==(const Extent&, const Extent&) = default;
};

/// Memory of one virtual NUMA node; ranges have bytes, at multiples of 4 KiB.
struct NodeMemory {
    unsigned node{};
    GuestAddr address;
    std::uint64_t size{};
    friend bool operator==(const NodeMemory&, const NodeMemory&) = default;
};

/// A guest's NUMA topology.   [XEN_DOMCTL_setvnumainfo in xen/include/public/domctl.h]
struct VirtualNuma {
    std::vector<unsigned> pnodes;    // the host's, by virtual node
    std::vector<unsigned> vcpus;     // the virtual node of each vCPU
    std::vector<unsigned> distances; // from each node to each, row by row
    std::vector<NodeMemory> memory;  // ascending and disjoint: all RAM
    friend bool operator==(const VirtualNuma&, const VirtualNuma&) = default;
};

/// A set of CPUs, by their number.
using CpuMask = std::vector<bool>;

/// One CPUID leaf of a policy.   [xen/include/public/arch-x86/xen.h xen_cpuid_leaf_t]
struct CpuidLeaf {
    std::uint32_t leaf{};
    std::uint32_t subleaf{}; // 0xffffffff: the leaf has no subleaves
    std::uint32_t a{}, b{}, c{}, d{};
    friend bool operator==(const CpuidLeaf&, const CpuidLeaf&) = default;
};

/// Hidden state of a segment register; `attributes` in the folded form of Xen's HVM context:
/// bits 0-7 the access byte, 8-11 AVL, L, D/B, G.   [xen/include/public/arch-x86/hvm/save.h]
struct SegmentState {
    std::uint32_t selector{};
    std::uint64_t base{};
    std::uint32_t limit{};
    std::uint32_t attributes{};
    friend bool operator==(const SegmentState&, const SegmentState&) = default;
};

/// A vCPU's architectural state as it enters the guest for the first time; what is not here is zero
/// or Xen's reset value.
struct VcpuState {
    std::uint64_t rip{};
    std::uint64_t rbx{};
    std::uint64_t rflags{};
    std::uint64_t cr0{};
    std::uint64_t cr3{};
    std::uint64_t cr4{};
    std::uint64_t efer{};
    std::uint64_t dr6{};
    std::uint64_t dr7{};
    SegmentState cs, ds, es, ss, fs, gs, ldtr, tr;
    friend bool operator==(const VcpuState&, const VcpuState&) = default;
};

/// Why a domain stopped.   [xen/include/public/sched.h SHUTDOWN_*]
enum class ShutdownReason : std::uint8_t {
    poweroff = 0,
    reboot = 1,
    suspend = 2,
    crash = 3,
    watchdog = 4,
    soft_reset = 5,
};

} // namespace pvh
