// SPDX-License-Identifier: LGPL-2.1-or-later
// What ap_stub.s finds in its page.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pvh::boot::abi {

inline constexpr std::uint32_t kMode64 = 1; // VCPU_HVM_MODE_64B

/// struct vcpu_hvm_context with its 64-bit registers: where a vCPU begins, and how.
/// [xen/include/public/hvm/hvm_vcpu.h]
struct VcpuContext64 {
    std::uint32_t mode{};
    std::uint32_t pad{};
    std::uint64_t rax{}, rcx{}, rdx{}, rbx{}, rsp{}, rbp{}, rsi{}, rdi{}, rip{}, rflags{};
    std::uint64_t cr0{}, cr3{}, cr4{}, efer{};
    std::array<std::uint8_t, 8> rest{}; // the 32-bit ones are more
};

struct ApStartupData {
    VcpuContext64 watchman{};
    VcpuContext64 ap{}; // its rip is the kernel's to say
    std::uint32_t kernel_entry{};
    std::uint32_t vcpus{}; // that the kernel knows of; the watchman comes behind them
    // zeroes follow, for the watchman's notes
};

static_assert(sizeof(VcpuContext64) == 128 && offsetof(VcpuContext64, rip) == 72 &&
              offsetof(VcpuContext64, efer) == 112);
static_assert(offsetof(ApStartupData, ap) == 128 && offsetof(ApStartupData, kernel_entry) == 256);
static_assert(offsetof(ApStartupData, vcpus) == 260 && sizeof(ApStartupData) == 264);

} // namespace pvh::boot::abi
