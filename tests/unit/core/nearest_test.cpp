// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/nearest.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace pvh {
namespace {

constexpr std::array<std::string_view, 4> kWords{"memory", "kernel", "on_crash", "x"};

TEST(Nearest, CountsLettersAddedDroppedChangedOrSwapped) {
    for (const char* typo : {"memory", "memroy", "memry", "memoryy", "mexory"})
        EXPECT_EQ(nearest_of(typo, kWords), "memory") << typo;
    EXPECT_EQ(nearest_of("on_crsah", kWords), "on_crash");
    EXPECT_EQ(nearest_of("no_crahs", kWords), "on_crash"); // two of eight
}

TEST(Nearest, IsNothingFurtherAwayThanAQuarter) {
    EXPECT_EQ(nearest_of("mexxry", kWords), std::nullopt);
    EXPECT_EQ(nearest_of("", std::array<std::string_view, 1>{"ab"}), std::nullopt);
    EXPECT_EQ(nearest_of("y", kWords), "x");
}

TEST(Nearest, TakesTheFirstOfEqualOnes) {
    EXPECT_EQ(nearest_of("cot", std::array<std::string_view, 3>{"dog", "cat", "cut"}), "cat");
}

TEST(Nearest, PassesOverLongWords) {
    const std::string longest(64, 'a');
    const std::string longer(65, 'a');
    EXPECT_EQ(nearest_of(longest, std::array<std::string_view, 2>{longer, longest}), longest);
    EXPECT_EQ(nearest_of(longer, std::array<std::string_view, 1>{longer}), std::nullopt);
}

} // namespace
} // namespace pvh
