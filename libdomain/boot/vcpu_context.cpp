// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/vcpu_context.h"

namespace pvh::boot {

namespace {

// Bits of the attributes, folded as in struct hvm_hw_cpu: access byte, then AVL, L, D/B, G.
// [Intel SDM vol. 3A section 3.4.5; xen/include/public/arch-x86/hvm/save.h]
constexpr std::uint32_t kPresent = 1U << 7;
constexpr std::uint32_t kCodeOrData = 1U << 4;
constexpr std::uint32_t kExecuteReadAccessed = 0xb;
constexpr std::uint32_t kReadWriteAccessed = 0x3;
constexpr std::uint32_t kBusyTss32 = 0xb;
constexpr std::uint32_t kDefault32 = 1U << 10;
constexpr std::uint32_t kGranular = 1U << 11;
constexpr std::uint32_t kFlat32 = kPresent | kCodeOrData | kDefault32 | kGranular;

// A VM entry fails on segments that are not marked accessed, and on a TSS that is not busy.
constexpr SegmentState kCode{.limit = 0xffffffff, .attributes = kFlat32 | kExecuteReadAccessed};
constexpr SegmentState kData{.limit = 0xffffffff, .attributes = kFlat32 | kReadWriteAccessed};
constexpr SegmentState kTss{.limit = 0x67, .attributes = kPresent | kBusyTss32};
static_assert(kCode.attributes == 0xc9b && kData.attributes == 0xc93 && kTss.attributes == 0x8b);

constexpr std::uint64_t kCr0Pe = 1U << 0;
constexpr std::uint64_t kCr0Et = 1U << 4;          // hard-wired to 1; Xen refuses it clear
constexpr std::uint64_t kRflagsReserved = 1U << 1; // hard-wired to 1
constexpr std::uint64_t kDr6Reset = 0xffff0ff0;
constexpr std::uint64_t kDr7Reset = 0x400;

} // namespace

VcpuState boot_vcpu_state(GuestAddr entry, GuestAddr start_info) {
    // fs, gs and ldtr stay unusable; cr3, cr4 and efer zero: the ABI leaves them unspecified or
    // wants them clear.
    return VcpuState{
        .rip = entry.value(),
        .rbx = start_info.value(),
        .rflags = kRflagsReserved,
        .cr0 = kCr0Pe | kCr0Et,
        .dr6 = kDr6Reset,
        .dr7 = kDr7Reset,
        .cs = kCode,
        .ds = kData,
        .es = kData,
        .ss = kData,
        .fs = {},
        .gs = {},
        .ldtr = {},
        .tr = kTss,
    };
}

} // namespace pvh::boot
