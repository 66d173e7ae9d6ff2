// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/layout.h"
#include "libdomain/boot/memory_map.h"
#include "libdomain/core/error.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pvh::boot {

namespace {

constexpr std::uint64_t kHoleMib = 4032; // RAM below the hole at most

MemoryRange ram_at(std::uint64_t address, std::uint64_t size) {
    return {GuestAddr{address}, size, MemoryType::ram};
}

/// The ranges in the hole, the same for every domain.
const MemoryRange kTables{GuestAddr{0xfc000000}, 0x8000, MemoryType::acpi};
const MemoryRange kRsdpRange{GuestAddr{0xfc008000}, 64, MemoryType::acpi};
const MemoryRange kSpecial{GuestAddr{0xfeff8000}, 0x8000, MemoryType::reserved};

using Map = std::vector<MemoryRange>;

struct Orders {
    std::uint64_t gib{}, two_mib{}, four_kib{};
    friend bool operator==(const Orders&, const Orders&) = default;
};

Orders count_orders(const std::vector<Extent>& extents) {
    Orders orders;
    for (const Extent& extent : extents)
        ++(extent.order == 18 ? orders.gib : extent.order == 9 ? orders.two_mib : orders.four_kib);
    return orders;
}

/// Extents glued together where they touch.
Map covered_by(const std::vector<Extent>& extents) {
    Map ranges;
    for (const Extent& extent : extents) {
        const std::uint64_t address = to_addr(extent.first).value();
        const std::uint64_t size = kPageSize << extent.order;
        if (!ranges.empty() && (ranges.back().address + ranges.back().size).value() == address)
            ranges.back().size += size;
        else
            ranges.push_back(ram_at(address, size));
    }
    return ranges;
}

TEST(MemoryMap, OfOneMibIsRamFromZeroToOneMibAndTheHolesRanges) {
    EXPECT_EQ(memory_map(kMiB), (Map{ram_at(0, kMiB), kTables, kRsdpRange, kSpecial}));
    EXPECT_EQ(count_orders(ram_extents(kMiB)), (Orders{.four_kib = 256}));
}

TEST(MemoryMap, OfFourMibIsTwoExtents) {
    EXPECT_EQ(memory_map(4 * kMiB), (Map{ram_at(0, 4 * kMiB), kTables, kRsdpRange, kSpecial}));
    EXPECT_EQ(ram_extents(4 * kMiB), (std::vector<Extent>{{Gfn{0}, 9}, {Gfn{0x200}, 9}}));
}

TEST(MemoryMap, OfSixtyFourMibIsTwoMibExtentsOnly) {
    EXPECT_EQ(memory_map(64 * kMiB), (Map{ram_at(0, 64 * kMiB), kTables, kRsdpRange, kSpecial}));
    EXPECT_EQ(count_orders(ram_extents(64 * kMiB)), (Orders{.two_mib = 32}));
}

TEST(MemoryMap, Of256MibShowsTheGuestWhatXlShowsIt) {
    // As Linux merges it: 0-0fffffff usable, fc000000-fc00803f ACPI data, feff8000-feffffff
    // reserved.
    EXPECT_EQ(memory_map(256 * kMiB), (Map{ram_at(0, 0x10000000), kTables, kRsdpRange, kSpecial}));
    EXPECT_EQ(count_orders(ram_extents(256 * kMiB)), (Orders{.two_mib = 128}));
}

TEST(MemoryMap, OfAnOddNumberOfMibEndsInSmallExtents) {
    EXPECT_EQ(count_orders(ram_extents(67 * kMiB)), (Orders{.two_mib = 33, .four_kib = 256}));
}

TEST(MemoryMap, UpToTheHoleHasNoHighRam) {
    EXPECT_EQ(memory_map(kHoleMib * kMiB),
              (Map{ram_at(0, 0xfc000000), kTables, kRsdpRange, kSpecial}));
    EXPECT_EQ(count_orders(ram_extents(kHoleMib * kMiB)), (Orders{.gib = 3, .two_mib = 480}));
}

TEST(MemoryMap, OneMibAboveTheHoleIsAtFourGib) {
    EXPECT_EQ(memory_map((kHoleMib + 1) * kMiB),
              (Map{ram_at(0, 0xfc000000), kTables, kRsdpRange, kSpecial, ram_at(4 * kGiB, kMiB)}));
}

TEST(MemoryMap, OfFiveGibGoesOnAtFourGib) {
    EXPECT_EQ(memory_map(5 * kGiB), (Map{ram_at(0, 0xfc000000), kTables, kRsdpRange, kSpecial,
                                         ram_at(4 * kGiB, kGiB + 64 * kMiB)}));
    EXPECT_EQ(count_orders(ram_extents(5 * kGiB)), (Orders{.gib = 4, .two_mib = 512}));
}

TEST(MemoryMap, Of64GibIsMostlyGibExtents) {
    EXPECT_EQ(count_orders(ram_extents(64 * kGiB)), (Orders{.gib = 63, .two_mib = 512}));
    EXPECT_EQ(covered_by(ram_extents(64 * kGiB)), ram_ranges(64 * kGiB));
}

TEST(MemoryMap, ExtraPagesAreTheHolesPagesAscending) {
    const auto pages = extra_pages();
    ASSERT_EQ(pages.size(), 17U);
    EXPECT_EQ(pages.front(), Gfn{0xfc000});
    EXPECT_EQ(pages[8], Gfn{0xfc008});
    EXPECT_EQ(pages[9], Gfn{0xfeff8});
    EXPECT_EQ(pages.back(), Gfn{0xfefff});
    EXPECT_TRUE(std::is_sorted(pages.begin(), pages.end()));
}

TEST(MemoryMap, RefusesASizeThatIsNoMultipleOfAPage) {
    for (const std::uint64_t size : {std::uint64_t{0}, kPageSize - 1, kMiB + 1}) {
        try {
            memory_map(size);
            FAIL() << size;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::internal);
        }
    }
}

std::uint64_t any_ram() {
    const auto pages = *rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(1, 4096),
                                       rc::gen::inRange<std::uint64_t>(0xfb000, 0x101000),
                                       rc::gen::inRange<std::uint64_t>(1, 1ULL << 26));
    return pages * kPageSize;
}

RC_GTEST_PROP(MemoryMapProperty, IsSortedDisjointAndCoversExactlyRam, ()) {
    const std::uint64_t ram = any_ram();
    const auto map = memory_map(ram);
    std::uint64_t end = 0;
    std::uint64_t total = 0;
    for (const MemoryRange& range : map) {
        RC_ASSERT(range.address.value() >= end);
        RC_ASSERT(range.size > 0U);
        end = (range.address + range.size).value();
        if (range.type == MemoryType::ram) total += range.size;
        const bool in_hole = range.address >= layout::kMmioHole && range.address < layout::kHighRam;
        RC_ASSERT(in_hole == (range.type != MemoryType::ram));
    }
    RC_ASSERT(total == ram);
}

RC_GTEST_PROP(MemoryMapProperty, ExtentsAreAlignedAndCoverExactlyRam, ()) {
    const std::uint64_t ram = any_ram();
    const auto extents = ram_extents(ram);
    for (const Extent& extent : extents) {
        RC_ASSERT(extent.order == 0U || extent.order == 9U || extent.order == 18U);
        RC_ASSERT(extent.first.value() % (1ULL << extent.order) == 0U);
    }
    RC_ASSERT((covered_by(extents) == ram_ranges(ram)));
}

} // namespace

} // namespace pvh::boot
