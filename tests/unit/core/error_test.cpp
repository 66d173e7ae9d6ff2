// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"

#include <cerrno>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace pvh {

TEST(Error, KeepsCodeAndText) {
    const Error error{Errc::busy, "domain d3 is being built"};
    EXPECT_EQ(error.code(), Errc::busy);
    EXPECT_STREQ(error.what(), "domain d3 is being built");
    EXPECT_EQ(error.sys_errno(), 0);
    EXPECT_EQ(error.hint(), "");
    EXPECT_EQ(error.stage(), "");
}

TEST(Error, AppendsWhatErrnoMeans) {
    const Error error{Errc::no_memory, "populate_physmap gfn 0x100 of d7", ENOMEM};
    EXPECT_STREQ(error.what(), "populate_physmap gfn 0x100 of d7: Cannot allocate memory (ENOMEM)");
    EXPECT_EQ(error.sys_errno(), ENOMEM);
}

TEST(Error, SurvivesAnErrnoThatNobodyKnows) {
    EXPECT_STREQ((Error{Errc::internal, "ioctl", 4095}.what()),
                 "ioctl: unknown error (errno 4095)");
}

TEST(Error, ContextGoesInFrontOutermostFirst) {
    Error error{Errc::invalid_kernel, "truncated"};
    error.add_context("payload").add_context("kernel /boot/vmlinuz");
    EXPECT_STREQ(error.what(), "kernel /boot/vmlinuz: payload: truncated");
}

TEST(Error, InnermostStageStays) {
    Error error{Errc::xen_error, "failed"};
    error.at_stage("populate").at_stage("create");
    EXPECT_EQ(error.stage(), "populate");
}

TEST(Error, CopyKeepsEverything) {
    Error error{Errc::timeout, "waiting", ETIMEDOUT};
    error.with_hint("look at the backend").at_stage("devices");
    const Error copy =
        error; // NOLINT(performance-unnecessary-copy-initialization): the copy is the test
    EXPECT_EQ(copy.code(), Errc::timeout);
    EXPECT_EQ(copy.sys_errno(), ETIMEDOUT);
    EXPECT_EQ(copy.hint(), "look at the backend");
    EXPECT_EQ(copy.stage(), "devices");
    EXPECT_STREQ(copy.what(), error.what());
}

TEST(Errc, NamesAreTheWireContract) {
    EXPECT_EQ(to_string(Errc::not_found), "not_found");
    EXPECT_EQ(to_string(Errc::invalid_kernel), "invalid_kernel");
    EXPECT_EQ(to_string(Errc::conflict), "conflict");
    EXPECT_EQ(to_string(Errc::internal), "internal");
}

TEST(Errc, NoTwoShareAName) {
    std::set<std::string_view> names;
    for (int code = 0; code <= static_cast<int>(Errc::internal); ++code)
        EXPECT_TRUE(names.insert(to_string(static_cast<Errc>(code))).second) << code;
}

} // namespace pvh
