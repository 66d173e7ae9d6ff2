// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/manual.h"
#include "config/option_table.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace pvh::config::test {
namespace {

// PVH_WRITE_GOLDEN=1 writes it.
TEST(Manual, InTheTreeIsWhatTheTableSays) {
    const std::string path = std::string{PVH_SOURCE_DIR} + "/docs/man/pvhd.cfg.5.scd";
    if (std::getenv("PVH_WRITE_GOLDEN") != nullptr)
        std::ofstream{path, std::ios::binary} << manual_page();
    std::ifstream in{path, std::ios::binary};
    const std::string in_tree{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    EXPECT_EQ(manual_page(), in_tree);
}

TEST(Manual, SaysSomethingOfEveryOptionThatHasAnEffect) {
    for (const Option& option : all_options())
        EXPECT_EQ(option.summary.empty(), option.chapter == Chapter::no_effect) << option.key;
}

} // namespace
} // namespace pvh::config::test
