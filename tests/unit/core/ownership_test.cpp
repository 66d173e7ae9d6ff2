// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/scope_exit.h"
#include "libdomain/core/unique_handle.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace pvh {

namespace {

std::vector<int>& closed() {
    static std::vector<int> values;
    return values;
}

struct Recorded {
    using type = int;

    static constexpr int none() { return -1; }

    static void close(int value) noexcept { closed().push_back(value); }
};

using Handle = UniqueHandle<Recorded>;

class UniqueHandleTest : public testing::Test {
  protected:
    void SetUp() override { closed().clear(); }
};

} // namespace

TEST_F(UniqueHandleTest, ClosesOnceAtTheEndOfItsScope) {
    { const Handle handle{3}; }
    EXPECT_EQ(closed(), std::vector{3});
}

TEST_F(UniqueHandleTest, EmptyOneClosesNothing) {
    { const Handle handle; }
    EXPECT_TRUE(closed().empty());
}

TEST_F(UniqueHandleTest, MovedFromOneClosesNothing) {
    {
        Handle first{3};
        const Handle second{std::move(first)};
        EXPECT_EQ(second.get(), 3);
    }
    EXPECT_EQ(closed(), std::vector{3});
}

TEST_F(UniqueHandleTest, AssignmentClosesWhatWasThereBefore) {
    Handle handle{3};
    handle = Handle{4};
    EXPECT_EQ(closed(), std::vector{3});
    EXPECT_EQ(handle.release(), 4);
}

TEST_F(UniqueHandleTest, ReleaseHandsOver) {
    {
        Handle handle{3};
        EXPECT_EQ(handle.release(), 3);
        EXPECT_FALSE(handle);
    }
    EXPECT_TRUE(closed().empty());
}

TEST(ScopeExit, RunsUnlessDismissed) {
    int runs = 0;
    {
        const ScopeExit runs_it{[&runs] { ++runs; }};
        ScopeExit dismissed{[&runs] { ++runs; }};
        dismissed.dismiss();
    }
    EXPECT_EQ(runs, 1);
}

TEST(ScopeExit, RunsOnceWhenMoved) {
    int runs = 0;
    {
        ScopeExit first{[&runs] { ++runs; }};
        const ScopeExit second{std::move(first)};
    }
    EXPECT_EQ(runs, 1);
}

} // namespace pvh
