// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/spec/domain_spec.h"

#include <gtest/gtest.h>

namespace pvh {

namespace {

TEST(EndAction, EachHasTheWordOfXlCfgAndIsParsedFromIt) {
    constexpr std::array kExpected{"destroy",   "restart",          "rename-restart",
                                   "preserve",  "coredump-destroy", "coredump-restart",
                                   "soft-reset"};
    for (std::size_t i = 0; i < kExpected.size(); ++i) {
        const auto action = static_cast<EndAction>(i);
        EXPECT_EQ(word_of(action), kExpected.at(i));
        EXPECT_EQ(enum_of<EndAction>(kExpected.at(i)), action);
    }
}

TEST(EndAction, IsNotParsedFromOtherWords) {
    for (const char* word : {"", "Destroy", "rename_restart", "destroy ", "reboot"})
        EXPECT_EQ(enum_of<EndAction>(word), std::nullopt) << word;
}

TEST(DomainSpec, DefaultsToWhatXlCfgSays) {
    const DomainSpec spec;
    EXPECT_EQ(spec.vcpus, 1U);
    EXPECT_EQ(spec.max_vcpus, 1U);
    EXPECT_EQ(spec.on_poweroff, EndAction::destroy);
    EXPECT_EQ(spec.on_reboot, EndAction::restart);
    EXPECT_EQ(spec.on_crash, EndAction::destroy);
    EXPECT_EQ(spec.on_soft_reset, EndAction::soft_reset);
    EXPECT_FALSE(spec.uuid.has_value());
}

} // namespace

} // namespace pvh
