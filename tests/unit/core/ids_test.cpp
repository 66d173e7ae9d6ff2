// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/ids.h"

#include <sstream>
#include <type_traits>
#include <unordered_map>

#include <gtest/gtest.h>

namespace pvh {

static_assert(!std::is_convertible_v<int, DomId>, "a bare number is no domid");
static_assert(!std::is_convertible_v<DomId, int>, "a domid is no bare number");
static_assert(!std::is_constructible_v<Gfn, DomId>, "a domid is no frame number");
static_assert(sizeof(Gfn) == sizeof(std::uint64_t), "a strong type costs nothing");

TEST(Ids, AreWrittenAsMessagesNameThem) {
    EXPECT_EQ(fmt::format("{}", DomId{7}), "d7");
    EXPECT_EQ(fmt::format("{}", Gfn{0x10f}), "gfn 0x10f");
    EXPECT_EQ(fmt::format("{}", GuestAddr{0x1000850}), "0x1000850");
    EXPECT_EQ(fmt::format("{}", Port{3}), "port 3");
    std::ostringstream out;
    out << DomId{7};
    EXPECT_EQ(out.str(), "d7");
}

TEST(Ids, CompareByValue) {
    EXPECT_EQ(Gfn{5}, Gfn{5});
    EXPECT_LT(Gfn{4}, Gfn{5});
    EXPECT_GE(GuestAddr{~std::uint64_t{0}}, GuestAddr{0});
}

TEST(Ids, AreKeysOfHashedMaps) {
    std::unordered_map<DomId, int> map{{DomId{1}, 10}, {DomId{2}, 20}};
    EXPECT_EQ(map.at(DomId{2}), 20);
}

TEST(Ids, FramesAndAddressesConvert) {
    EXPECT_EQ(to_addr(Gfn{0x100}), GuestAddr{0x100000});
    EXPECT_EQ(to_gfn(GuestAddr{0x100fff}), Gfn{0x100});
    EXPECT_EQ(to_addr(Gfn{0xfffff}), GuestAddr{0xfffff000}); // beyond 32 bits no shift is lost
    EXPECT_EQ(to_addr(Gfn{0x100000}), GuestAddr{0x100000000});
}

TEST(Ids, DifferencesAndSums) {
    EXPECT_EQ(Gfn{0x10} + PageCount{0x10}, Gfn{0x20});
    EXPECT_EQ(Gfn{0x20} - Gfn{0x10}, PageCount{0x10});
    EXPECT_EQ(GuestAddr{0x1000} + 0x10, GuestAddr{0x1010});
    EXPECT_EQ(GuestAddr{0x1010} - GuestAddr{0x1000}, 0x10U);
}

TEST(Ids, PageRounding) {
    EXPECT_EQ(page_round_up(0), 0U);
    EXPECT_EQ(page_round_up(1), 4096U);
    EXPECT_EQ(page_round_up(4096), 4096U);
    EXPECT_EQ(page_round_up(~std::uint64_t{0} - 4095), ~std::uint64_t{0} - 4095);
    EXPECT_EQ(page_round_down(4095), 0U);
    EXPECT_EQ(page_round_down(8191), 4096U);
}

} // namespace pvh
