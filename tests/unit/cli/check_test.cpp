// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/temp_folder.h"
#include "tests/unit/cli/fake_daemon.h"

#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {
namespace {

using pvh::test::TempFolder;
using ::testing::HasSubstr;

void write(const std::string& path, const std::string& text) {
    std::ofstream{path} << text;
}

TEST(Check, JudgesAFolderAndNeedsNoDaemon) {
    FakeDaemon daemon;
    const TempFolder folder;
    write(folder / "a.cfg", "name='a'; type='pvh'; kernel='/k'; boot='c'\n");
    write(folder / "b.cfg", "name='b'; type='pvh'; kernel='/k'; cpus='3-1'\n");
    const Outcome outcome = run(daemon, {"check", "-q", folder / ""});
    EXPECT_EQ(outcome.status, 7);
    EXPECT_EQ(outcome.out, (folder / "a.cfg") + ": accepted, 1 warning\n" + (folder / "b.cfg") +
                               ": refused, 1 error\n");
    EXPECT_THAT(outcome.err, HasSubstr("CPU range \"3-1\" runs backwards"));
    const auto json = nlohmann::json::parse(run(daemon, {"check", "--json", folder / "a.cfg"}).out);
    EXPECT_EQ(json.at("files").at(0).at("accepted"), true);
    EXPECT_EQ(json.at("files").at(0).at("spec").at("name"), "a");
    EXPECT_EQ(json.at("files").at(0).at("keys").at(3).at("verdict"), "ignored");
    EXPECT_EQ(run(daemon, {"check", folder / "none.cfg"}).status, 7);
}

} // namespace
} // namespace pvh::cli::test
