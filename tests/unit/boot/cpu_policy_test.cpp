// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/cpu_policy.h"

#include <cstring>
#include <string_view>

#include <gtest/gtest.h>

namespace pvh::boot {

namespace {

constexpr std::uint32_t kNoSubleaf = 0xffffffff;

CpuidLeaf vendor_leaf(std::string_view name) {
    CpuidLeaf leaf{.leaf = 0, .subleaf = kNoSubleaf, .a = 0xd};
    std::memcpy(&leaf.b, name.data(), 4);
    std::memcpy(&leaf.d, name.data() + 4, 4);
    std::memcpy(&leaf.c, name.data() + 8, 4);
    return leaf;
}

CpuidLeaf leaf(std::uint32_t number, std::uint32_t a, std::uint32_t b, std::uint32_t c,
               std::uint32_t d, std::uint32_t subleaf = kNoSubleaf) {
    return {number, subleaf, a, b, c, d};
}

using Leaves = std::vector<CpuidLeaf>;

Leaves edit(std::string_view vendor, Leaves leaves) {
    leaves.insert(leaves.begin(), vendor_leaf(vendor));
    return edit_cpu_policy(leaves);
}

constexpr std::uint32_t kHttPae = 1U << 28 | 1U << 6;

TEST(CpuPolicy, ReturnsNothingWhereNothingChanges) {
    EXPECT_EQ(edit("GenuineIntel", {leaf(1, 0x306a9, 0x80U << 16, 0, kHttPae),
                                    leaf(7, 1, 2, 3, 4, 0), leaf(0x80000001, 0, 0, 0, 0)}),
              Leaves{});
}

TEST(CpuPolicy, TurnsOnHttAndPaeAndTurnsOffVmx) {
    EXPECT_EQ(edit("GenuineIntel", {leaf(1, 7, 0x800000, 0x221, 0x1)}),
              (Leaves{leaf(1, 7, 0x800000, 0x201, 0x1 | kHttPae)}));
}

TEST(CpuPolicy, DoublesLogicalProcessorsUnlessThatOverflows) {
    const auto processors_for = [](std::uint32_t before) {
        const auto changed = edit("GenuineIntel", {leaf(1, 0, before << 16 | 0xab0000cd, 0, 0)});
        return changed.at(0).b;
    };
    EXPECT_EQ(processors_for(0) & 0xffff, 0x00cdU);
    const auto field = [](std::uint32_t before) {
        return edit("GenuineIntel", {leaf(1, 0, before << 16, 0, 0)}).at(0).b >> 16;
    };
    EXPECT_EQ(field(0), 2U);
    EXPECT_EQ(field(1), 2U);
    EXPECT_EQ(field(8), 16U);
    EXPECT_EQ(field(0x7f), 0xfeU);
    EXPECT_EQ(field(0x80), 0x80U);
    EXPECT_EQ(field(0xff), 0xffU);
}

TEST(CpuPolicy, TurnsOffSvmAndCmpLegacy) {
    EXPECT_EQ(edit("AuthenticAMD", {leaf(0x80000001, 1, 2, 0x7, 4)}),
              (Leaves{leaf(0x80000001, 1, 2, 0x1, 4)}));
}

TEST(CpuPolicy, TurnsOffTheInvariantTsc) {
    EXPECT_EQ(edit("GenuineIntel", {leaf(0x80000007, 0, 0, 0, 0x301)}),
              (Leaves{leaf(0x80000007, 0, 0, 0, 0x201)}));
}

TEST(CpuPolicy, OfIntelDoublesCoreIdsInEachCacheLeaf) {
    // EAX: type 1, level 1, threads sharing 1 (field 1), cores 7.
    const std::uint32_t before = 7U << 26 | 1U << 14 | 1U << 5 | 1;
    const std::uint32_t after = 15U << 26 | 1U << 5 | 1;
    EXPECT_EQ(edit("GenuineIntel", {leaf(4, before, 1, 2, 3, 0), leaf(4, before, 1, 2, 3, 1)}),
              (Leaves{leaf(4, after, 1, 2, 3, 0), leaf(4, after, 1, 2, 3, 1)}));
}

TEST(CpuPolicy, OfIntelStopsAtTheFirstCacheOfTypeZero) {
    const std::uint32_t before = 7U << 26 | 1;
    EXPECT_EQ(edit("GenuineIntel", {leaf(4, before, 0, 0, 0, 0), leaf(4, 0, 0, 0, 0, 1),
                                    leaf(4, before, 0, 0, 0, 2)}),
              (Leaves{leaf(4, 15U << 26 | 1, 0, 0, 0, 0)}));
}

TEST(CpuPolicy, OfOtherVendorsLeavesCachesAndSizesAlone) {
    for (const char* vendor : {"CentaurHauls", "  Shanghai  ", "TotallyOther"})
        EXPECT_EQ(
            edit(vendor, {leaf(4, 7U << 26 | 1, 0, 0, 0, 0), leaf(0x80000008, 0, 0, 0x3007, 0)}),
            Leaves{})
            << vendor;
}

TEST(CpuPolicy, OfAmdLeavesCacheLeavesAlone) {
    EXPECT_EQ(edit("AuthenticAMD", {leaf(4, 7U << 26 | 1, 0, 0, 0, 0)}), Leaves{});
}

TEST(CpuPolicy, OfAmdDoublesCoresAndLengthensTheApicId) {
    EXPECT_EQ(edit("AuthenticAMD", {leaf(0x80000008, 0x3030, 1, 0x3007, 2)}),
              (Leaves{leaf(0x80000008, 0x3030, 1, 0x400f, 2)}));
    EXPECT_EQ(edit("HygonGenuine", {leaf(0x80000008, 0, 0, 0x3007, 0)}),
              (Leaves{leaf(0x80000008, 0, 0, 0x400f, 0)}));
}

TEST(CpuPolicy, OfAmdKeepsAnApicIdLengthOfZeroOrSevenAndCoresThatWouldOverflow) {
    EXPECT_EQ(edit("AuthenticAMD", {leaf(0x80000008, 0, 0, 0x0003, 0)}),
              (Leaves{leaf(0x80000008, 0, 0, 0x0007, 0)}));
    EXPECT_EQ(edit("AuthenticAMD", {leaf(0x80000008, 0, 0, 0x703f, 0)}),
              (Leaves{leaf(0x80000008, 0, 0, 0x707f, 0)}));
    EXPECT_EQ(edit("AuthenticAMD", {leaf(0x80000008, 0, 0, 0x707f, 0)}), Leaves{});
}

TEST(CpuPolicy, OfAnEmptyDefaultIsEmpty) {
    EXPECT_EQ(edit_cpu_policy({}), Leaves{});
}

} // namespace

} // namespace pvh::boot
