// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/layout.h"
#include "libdomain/boot/memory_map.h"
#include "libdomain/boot/placement.h"
#include "libdomain/core/error.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pvh::boot {

namespace {

PlacementInput input_of(std::uint64_t begin, std::uint64_t end, std::uint64_t ramdisk,
                        std::uint64_t memory_mib) {
    return {.kernel = {"kernel", GuestAddr{begin}, end - begin},
            .start_info_size = 0x200,
            .ramdisk_size = ramdisk,
            .ram = memory_mib * kMiB,
            .initial_ram = memory_mib * kMiB,
            .wants_legacy_rsdp = false};
}

Error failure_of(const PlacementInput& input) {
    try {
        place(input);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "placed";
    return {Errc::internal, "placed"};
}

TEST(Placement, PutsStartInfoAndRamdiskBehindTheKernelAtPageBoundaries) {
    // Debian's 6.1: 58 MiB from 16 MiB on.
    const auto placement = place(input_of(0x1000000, 0x4a00010, 0x1e4610, 256));
    EXPECT_EQ(placement.start_info, GuestAddr{0x4a01000});
    EXPECT_EQ(placement.ramdisk, GuestAddr{0x4a02000});
    EXPECT_EQ(placement.legacy_rsdp, std::nullopt);
}

TEST(Placement, OfA48ByteKernelInFourMibWorks) {
    const auto placement = place(input_of(0x100000, 0x100030, 0, 4));
    EXPECT_EQ(placement.start_info, GuestAddr{0x101000});
    EXPECT_EQ(placement.ramdisk, std::nullopt);
}

TEST(Placement, OfALowKernelKeepsTheBlobsOutOfTheFirstMib) {
    const auto placement = place(input_of(0x10000, 0x10030, 0x5000, 4));
    EXPECT_EQ(placement.start_info, GuestAddr{0x100000});
    EXPECT_EQ(placement.ramdisk, GuestAddr{0x101000});
}

TEST(Placement, InOneMibUsesTheFirstMibButNotPageZero) {
    const auto placement = place(input_of(0x2000, 0x2030, 0x5000, 1));
    EXPECT_EQ(placement.start_info, GuestAddr{0x1000});
    EXPECT_EQ(placement.ramdisk, GuestAddr{0x3000});
}

TEST(Placement, UsesTheRoomBelowAKernelThatEndsWithTheMemory) {
    const auto placement = place(input_of(0x1000000, 0x2000000, 0x10000, 32));
    EXPECT_EQ(placement.start_info, GuestAddr{0x100000});
    EXPECT_EQ(placement.ramdisk, GuestAddr{0x101000});
}

TEST(Placement, OfARamdiskThatDoesNotFitBehindTheKernelIsBelowIt) {
    const auto placement = place(input_of(0x1000000, 0x1800000, 0xc00000, 32));
    EXPECT_EQ(placement.start_info, GuestAddr{0x1800000});
    EXPECT_EQ(placement.ramdisk, GuestAddr{0x100000});
}

TEST(Placement, FillsMemoryToTheLastPage) {
    // 16 MiB kernel, one page of start_info, all the rest ramdisk.
    const std::uint64_t rest = 16 * kMiB - kPageSize;
    EXPECT_EQ(place(input_of(0x1000000, 0x2000000, rest, 48)).ramdisk, GuestAddr{0x2001000});
}

TEST(Placement, StaysBelowTheHoleInAGuestWithHighMemory) {
    const auto placement = place(input_of(0x1000000, 0x2000000, 3 * kGiB, 8192));
    EXPECT_EQ(placement.ramdisk, GuestAddr{0x2001000});
}

TEST(Placement, OfALegacyRsdpIsTheEndOfTheFirstMib) {
    auto input = input_of(0x1000000, 0x2000000, 0, 64);
    input.wants_legacy_rsdp = true;
    EXPECT_EQ(place(input).legacy_rsdp, GuestAddr{0xfffc0});
}

TEST(Placement, LeavesOutTheLegacyRsdpIfTheKernelIsThere) {
    auto input = input_of(0xff000, 0x200000, 0, 64);
    input.wants_legacy_rsdp = true;
    EXPECT_EQ(place(input).legacy_rsdp, std::nullopt);
}

TEST(Placement, LeavesOutTheLegacyRsdpIfTheRamdiskNeedsItsPage) {
    auto input = input_of(0x2000, 0x3000, 0xfd000, 1);
    input.wants_legacy_rsdp = true;
    const auto placement = place(input);
    EXPECT_EQ(placement.ramdisk, GuestAddr{0x3000});
    EXPECT_EQ(placement.legacy_rsdp, std::nullopt);
}

TEST(PlacementError, OfAKernelAboveRamNamesItsEndAndTheLeastMemory) {
    const auto error = failure_of(input_of(0x1000000, 0x1000030, 0, 8));
    EXPECT_EQ(error.code(), Errc::invalid_config);
    EXPECT_STREQ(error.what(),
                 "memory = 8 MiB is too little: the kernel ends at 0x1000030 (17 MiB), "
                 "start_info has 512 bytes");
    EXPECT_EQ(error.hint(),
              "memory = 17 is the least that they fit into; the guest needs more to run");
}

TEST(PlacementError, OfARamdiskThatDoesNotFitNamesItsSizeAndTheLeastMemory) {
    const auto error = failure_of(input_of(0x1000000, 0x4a00000, 200 * kMiB, 256));
    EXPECT_STREQ(error.what(),
                 "memory = 256 MiB is too little: the kernel ends at 0x4a00000 (74 MiB), "
                 "the ramdisk has 209715200 bytes (200 MiB), start_info has 512 bytes");
    EXPECT_EQ(error.hint(),
              "memory = 275 is the least that they fit into; the guest needs more to run");
    EXPECT_NO_THROW(place(input_of(0x1000000, 0x4a00000, 200 * kMiB, 275)));
    EXPECT_THROW(place(input_of(0x1000000, 0x4a00000, 200 * kMiB, 274)), Error);
}

TEST(PlacementError, OfARamdiskBeyondTheHoleSaysThatNoMemoryHelps) {
    const auto error = failure_of(input_of(0x1000000, 0x4a00000, 4000 * kMiB, 16384));
    EXPECT_EQ(error.hint(),
              "no memory= helps: kernel and ramdisk must fit below 0xfc000000 (4032 MiB)");
}

TEST(PlacementError, OfARamdiskOfNearly2To64BytesDoesNotOverflow) {
    const auto error =
        failure_of(input_of(0x1000000, 0x4a00000, ~std::uint64_t{0} - kPageSize, 64));
    EXPECT_EQ(error.code(), Errc::invalid_config);
}

TEST(PlacementError, CountsOnlyTheMemoryThatExistsOfABalloonedGuest) {
    auto input = input_of(0x1000000, 0x4a00000, 20 * kMiB, 512); // 78 MiB of 512 mapped
    input.initial_ram = 64 * kMiB;
    const auto error = failure_of(input);
    EXPECT_EQ(std::string{error.what()}.find("memory = 64 MiB is too little"), 0U);
    EXPECT_EQ(error.hint(),
              "memory = 79 is the least that they fit into; the guest needs more to run");
    input.initial_ram = 79 * kMiB;
    EXPECT_NO_THROW(place(input));
}

TEST(RequireDisjoint, NamesBothAreasThatOverlap) {
    try {
        require_disjoint(
            {{"ramdisk", GuestAddr{0x3000}, 0x1001}, {"kernel", GuestAddr{0x4000}, 1}});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::internal);
        EXPECT_STREQ(error.what(), "ramdisk at 0x3000 with 0x1001 bytes overlaps "
                                   "kernel at 0x4000 with 0x1 bytes");
    }
}

TEST(RequireDisjoint, AcceptsNeighbours) {
    EXPECT_NO_THROW(
        require_disjoint({{"b", GuestAddr{0x4000}, 1}, {"a", GuestAddr{0x3000}, 0x1000}}));
}

bool overlap(const Area& a, const Area& b) {
    return a.address.value() < b.address.value() + b.size &&
           b.address.value() < a.address.value() + a.size;
}

PlacementInput any_input() {
    const std::uint64_t ram = *rc::gen::inRange<std::uint64_t>(1, 64) * kMiB;
    const std::uint64_t begin = *rc::gen::inRange<std::uint64_t>(0, ram);
    return {.kernel = {"kernel", GuestAddr{begin}, *rc::gen::inRange<std::uint64_t>(1, ram)},
            .start_info_size = *rc::gen::inRange<std::uint64_t>(56, 0x12000),
            .ramdisk_size = *rc::gen::inRange<std::uint64_t>(0, ram),
            .ram = ram,
            .initial_ram = ram,
            .wants_legacy_rsdp = *rc::gen::arbitrary<bool>()};
}

RC_GTEST_PROP(PlacementProperty, NeverOverlapsAndStaysInRam, ()) {
    const PlacementInput input = any_input();
    Placement placement;
    try {
        placement = place(input);
    } catch (const Error& error) {
        RC_ASSERT(error.code() == Errc::invalid_config);
        RC_SUCCEED("does not fit");
    }
    std::vector<Area> areas{input.kernel,
                            {"start_info", placement.start_info, input.start_info_size}};
    if (placement.ramdisk) areas.push_back({"ramdisk", *placement.ramdisk, input.ramdisk_size});
    if (placement.legacy_rsdp) areas.push_back({"rsdp", *placement.legacy_rsdp, 64});
    for (std::size_t i = 0; i < areas.size(); ++i) {
        RC_ASSERT((areas[i].address + areas[i].size).value() <= low_ram_end(input.ram).value());
        for (std::size_t j = 0; j < i; ++j)
            RC_ASSERT(!overlap(areas[i], areas[j]));
    }
    RC_ASSERT(placement.start_info.value() % kPageSize == 0U);
    RC_ASSERT(placement.start_info.value() != 0U);
    RC_ASSERT(placement.ramdisk.has_value() == (input.ramdisk_size > 0));
    if (placement.ramdisk) RC_ASSERT(placement.ramdisk->value() % kPageSize == 0U);
}

RC_GTEST_PROP(PlacementProperty, TheHintsMemoryWorksAndOneMibLessDoesNot, ()) {
    PlacementInput input = any_input();
    std::string hint;
    try {
        place(input);
        RC_SUCCEED("fits");
    } catch (const Error& error) {
        hint = error.hint();
    }
    const std::uint64_t least = std::stoull(hint.substr(std::string{"memory = "}.size()));
    RC_ASSERT(least > input.ram / kMiB);
    input.ram = input.initial_ram = least * kMiB;
    place(input);
    input.ram = input.initial_ram = (least - 1) * kMiB;
    RC_ASSERT_THROWS_AS(place(input), Error);
}

} // namespace

} // namespace pvh::boot
