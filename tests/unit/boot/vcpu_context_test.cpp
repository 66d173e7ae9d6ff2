// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/ident_pt.h"
#include "libdomain/boot/vcpu_context.h"

#include <gtest/gtest.h>

namespace pvh::boot {

namespace {

// The ABI's words, one test each.   [xen docs/misc/pvh.pandoc, "x86/HVM direct boot ABI"]

VcpuState state() {
    return boot_vcpu_state(GuestAddr{0x1000850}, GuestAddr{0x4a00000});
}

TEST(BootVcpu, StartsAtTheEntryWithStartInfoInEbx) {
    EXPECT_EQ(state().rip, 0x1000850U);
    EXPECT_EQ(state().rbx, 0x4a00000U);
}

TEST(BootVcpu, HasProtectionOnAndAllOtherWriteableBitsOfCr0Clear) {
    EXPECT_EQ(state().cr0, 0x11U); // ET is hard-wired, not writeable
}

TEST(BootVcpu, HasCr4ClearAndNoPaging) {
    EXPECT_EQ(state().cr4, 0U);
    EXPECT_EQ(state().cr3, 0U);
    EXPECT_EQ(state().efer, 0U);
}

TEST(BootVcpu, HasInterruptsTrapsAndVirtual8086ModeOff) {
    EXPECT_EQ(state().rflags & (1U << 9 | 1U << 8 | 1U << 17), 0U);
}

TEST(BootVcpu, HasAFlat32BitCodeSegment) {
    EXPECT_EQ(state().cs,
              (SegmentState{.selector = 0, .base = 0, .limit = 0xffffffff, .attributes = 0xc9b}));
}

TEST(BootVcpu, HasFlat32BitDataSegments) {
    const SegmentState data{.selector = 0, .base = 0, .limit = 0xffffffff, .attributes = 0xc93};
    EXPECT_EQ(state().ds, data);
    EXPECT_EQ(state().es, data);
    EXPECT_EQ(state().ss, data);
}

TEST(BootVcpu, HasABusy32BitTssOfTheLeastSize) {
    EXPECT_EQ(state().tr,
              (SegmentState{.selector = 0, .base = 0, .limit = 0x67, .attributes = 0x8b}));
}

TEST(BootVcpu, HasTheOtherSegmentsUnusable) {
    EXPECT_EQ(state().fs, SegmentState{});
    EXPECT_EQ(state().gs, SegmentState{});
    EXPECT_EQ(state().ldtr, SegmentState{});
}

TEST(BootVcpu, HasDebugRegistersAfterReset) {
    EXPECT_EQ(state().dr6, 0xffff0ff0U);
    EXPECT_EQ(state().dr7, 0x400U);
}

TEST(IdentPt, MapsEach4MibToItself) {
    const Bytes page = compose_ident_pt();
    ASSERT_EQ(page.size(), 4096U);
    const BytesView view{page};
    EXPECT_EQ(view.read<std::uint32_t>(0), 0x000000e7U);
    EXPECT_EQ(view.read<std::uint32_t>(4), 0x004000e7U);
    EXPECT_EQ(view.read<std::uint32_t>(4092), 0xffc000e7U);
}

} // namespace

} // namespace pvh::boot
