// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/block_device.h"
#include "tests/support/temp_folder.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace pvh::host {
namespace {

/// What sysfs has of a loop device.
class LoopTest : public ::testing::Test {
  protected:
    void is_used(const std::string& autoclear, const std::string& diskseq) {
        std::filesystem::create_directories(folder_ / "loop");
        std::ofstream{folder_ / "loop/autoclear"} << autoclear << '\n';
        if (!diskseq.empty()) std::ofstream{folder_ / "diskseq"} << diskseq << '\n';
    }

    bool is_over(const std::string& identity) { return is_given_up(folder_ / "", identity); }

    test::TempFolder folder_;
};

TEST_F(LoopTest, IsOursAsLongAsItIsTheSameUse) {
    is_used("1", "17");
    EXPECT_FALSE(is_over("17"));
}

TEST_F(LoopTest, IsGivenUpOnceAnotherHasTakenIt) {
    is_used("1", "19");
    EXPECT_TRUE(is_over("17"));
}

TEST_F(LoopTest, IsGivenUpOnceItIsFree) {
    EXPECT_TRUE(is_over("17"));
    EXPECT_TRUE(is_over(""));
}

TEST_F(LoopTest, OfAnotherIsNotWaitedFor) {
    is_used("1", "17");
    EXPECT_TRUE(is_over("7:3/42"));
    is_used("0", "17");
    EXPECT_TRUE(is_over(""));
}

TEST_F(LoopTest, OfAnOldKernelOrAnOldRecordIsTheSameAsLongAsItGoesByItself) {
    is_used("1", "");
    EXPECT_FALSE(is_over(""));
}

} // namespace
} // namespace pvh::host
