// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/endings.h"

#include <tuple>

#include <gtest/gtest.h>

namespace pvh::daemon {
namespace {

using namespace std::chrono_literals;

TEST(ShutdownWord, KnowsXensReasonsAndCountsTheOthers) {
    EXPECT_EQ(shutdown_word(0), "poweroff");
    EXPECT_EQ(shutdown_word(1), "reboot");
    EXPECT_EQ(shutdown_word(2), "suspend");
    EXPECT_EQ(shutdown_word(3), "crash");
    EXPECT_EQ(shutdown_word(4), "watchdog");
    EXPECT_EQ(shutdown_word(5), "soft_reset");
    EXPECT_EQ(shutdown_word(6), "6");
    EXPECT_EQ(shutdown_word(255), "255");
}

TEST(JudgeEnding, FollowsTheDefaultsOfXlCfg) {
    const DomainSpec spec;
    EXPECT_EQ(judge_ending(spec, 0).consequence, Consequence::destroy);
    EXPECT_EQ(judge_ending(spec, 1).consequence, Consequence::restart);
    EXPECT_EQ(judge_ending(spec, 3).consequence, Consequence::destroy);
    EXPECT_EQ(judge_ending(spec, 4).consequence, Consequence::destroy);
    EXPECT_EQ(judge_ending(spec, 5).consequence, Consequence::destroy);
    EXPECT_FALSE(judge_ending(spec, 5).remark.empty());
}

TEST(JudgeEnding, TakesAnUnknownReasonForACrash) {
    DomainSpec spec;
    spec.on_crash = EndAction::preserve;
    for (const int reason : {6, 17, 255})
        EXPECT_EQ(judge_ending(spec, static_cast<std::uint8_t>(reason)).consequence,
                  Consequence::leave);
}

TEST(JudgeEnding, LeavesASuspendedGuestAlone) {
    EXPECT_EQ(judge_ending(DomainSpec{}, 2).consequence, Consequence::leave);
}

TEST(JudgeEnding, DumpsWhereThatIsWanted) {
    DomainSpec spec;
    for (const auto& [action, consequence, is_dumped] :
         {std::tuple{EndAction::coredump_destroy, Consequence::destroy, true},
          std::tuple{EndAction::coredump_restart, Consequence::restart, true},
          std::tuple{EndAction::rename_restart, Consequence::replace, false},
          std::tuple{EndAction::preserve, Consequence::leave, false}}) {
        spec.on_crash = action;
        EXPECT_EQ(judge_ending(spec, 3).consequence, consequence);
        EXPECT_EQ(judge_ending(spec, 3).is_dumped, is_dumped);
        EXPECT_TRUE(judge_ending(spec, 3).remark.empty());
    }
}

TEST(JudgeEnding, SaysThatThereIsNoSoftReset) {
    DomainSpec spec;
    spec.on_crash = EndAction::soft_reset;
    EXPECT_EQ(judge_ending(spec, 3).consequence, Consequence::destroy);
    EXPECT_FALSE(judge_ending(spec, 3).remark.empty());
}

TEST(RestartDelay, DoublesUpToAMinute) {
    EXPECT_EQ(restart_delay(0), 0ms);
    EXPECT_EQ(restart_delay(1), 1s);
    EXPECT_EQ(restart_delay(2), 2s);
    EXPECT_EQ(restart_delay(6), 32s);
    EXPECT_EQ(restart_delay(7), 60s);
    EXPECT_EQ(restart_delay(4'000'000'000), 60s);
}

} // namespace
} // namespace pvh::daemon
