// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/cpuid_mask.h"
#include "libdomain/core/error.h"

#include <gtest/gtest.h>

namespace pvh::boot {
namespace {

constexpr std::uint32_t kNone = 0xffffffff;
const std::vector<CpuidLeaf> kDefaults{{1, kNone, 0, 0, 0x0f, 0x70}, {7, 0, 1, 2, 3, 4}};
const std::vector<CpuidLeaf> kHost{{1, kNone, 0, 0, 0xff, 0xff}, {7, 0, 9, 9, 9, 9}};

std::string mask(const std::string& low) {
    return std::string(32 - low.size(), 'x') + low;
}

TEST(CpuidMask, ForcesBitsShowsTheHostsOrLeavesTheDefault) {
    const std::vector<CpuidMask> masks{
        {.leaf = 1, .subleaf = {}, .eax = "", .ebx = "", .ecx = mask("1k0s"), .edx = ""}};
    const auto leaves = apply_cpuid_masks({}, masks, kDefaults, kHost);
    ASSERT_EQ(leaves.size(), 1U);
    EXPECT_EQ(leaves[0].c, 0x0dU);
    EXPECT_EQ(leaves[0].d, 0x70U); // no mask: as it was
}

TEST(CpuidMask, TakesTheDefaultForXWhateverWasEdited) {
    const std::vector<CpuidLeaf> edited{{1, kNone, 5, 0, 0, 0}};
    const std::vector<CpuidMask> masks{
        {.leaf = 1, .subleaf = {}, .eax = "", .ebx = "", .ecx = mask("x"), .edx = ""}};
    const auto leaves = apply_cpuid_masks(edited, masks, kDefaults, kHost);
    ASSERT_EQ(leaves.size(), 1U);
    EXPECT_EQ(leaves[0].a, 5U);
    EXPECT_EQ(leaves[0].c, 0x0fU);
}

TEST(CpuidMask, WantsTheSubleafExactly) {
    const CpuidMask good{
        .leaf = 7, .subleaf = 0, .eax = mask("0"), .ebx = "", .ecx = "", .edx = ""};
    EXPECT_EQ(apply_cpuid_masks({}, std::vector{good}, kDefaults, kHost).at(0).a, 0U);
    for (const auto& [leaf, subleaf] :
         {std::pair<std::uint32_t, std::optional<std::uint32_t>>{7, {}}, {1, 0}, {0x40, {}}}) {
        const CpuidMask bad{
            .leaf = leaf, .subleaf = subleaf, .eax = mask("0"), .ebx = "", .ecx = "", .edx = ""};
        EXPECT_THROW(apply_cpuid_masks({}, std::vector{bad}, kDefaults, kHost), Error);
    }
}

} // namespace
} // namespace pvh::boot
