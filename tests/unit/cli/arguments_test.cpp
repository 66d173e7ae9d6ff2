// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/config_file.h"
#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/selector.h"
#include "rpc/limits.h"
#include "tests/unit/cli/fake_daemon.h"

#include <cstdlib>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {

namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(Selector, TakesDigitsForADomid) {
    EXPECT_EQ(parse_selector("0").domid, 0);
    EXPECT_EQ(parse_selector("007").domid, 7);
    EXPECT_EQ(parse_selector("32751").domid, 32751);
}

TEST(Selector, RefusesNumbersThatAreNoDomids) {
    for (const char* number : {"32752", "65536", "99999999999999999999"})
        EXPECT_THROW(parse_selector(number), Error) << number;
}

TEST(Selector, TakesTheShapeOfAUuidForOne) {
    const auto selector = parse_selector("00112233-4455-6677-8899-AABBCCDDEEFF");
    EXPECT_TRUE(selector.uuid.has_value());
    EXPECT_FALSE(selector.name.has_value());
}

TEST(Selector, TakesTheRestForAName) {
    for (const char* name :
         {"web", "-1", "7a", "0x7", "", " 7", "00112233445566778899aabbccddeeff"})
        EXPECT_EQ(parse_selector(name).name, name);
}

TEST(ExitStatus, IsOfItsOwnForEveryCode) {
    std::set<int> statuses{kSuccess, kUsage, kNoDaemon};
    for (std::size_t i = 0; i < kErrcs; ++i)
        statuses.insert(exit_status(static_cast<Errc>(i)));
    EXPECT_EQ(statuses.size(), 3U + kErrcs);
}

TEST(ExitStatus, IsFixed) { // scripts rely on it
    EXPECT_EQ(exit_status(Errc::internal), 1);
    EXPECT_EQ(exit_status(Errc::not_found), 3);
    EXPECT_EQ(exit_status(Errc::already_exists), 4);
    EXPECT_EQ(exit_status(Errc::bad_state), 5);
    EXPECT_EQ(exit_status(Errc::busy), 6);
    EXPECT_EQ(exit_status(Errc::invalid_config), 7);
    EXPECT_EQ(exit_status(Errc::invalid_kernel), 8);
    EXPECT_EQ(exit_status(Errc::no_memory), 9);
    EXPECT_EQ(exit_status(Errc::permission_denied), 10);
    EXPECT_EQ(exit_status(Errc::timeout), 11);
    EXPECT_EQ(exit_status(Errc::cancelled), 12);
    EXPECT_EQ(exit_status(Errc::unsupported), 13);
    EXPECT_EQ(exit_status(Errc::conflict), 14);
    EXPECT_EQ(exit_status(Errc::xen_error), 15);
    EXPECT_EQ(exit_status(Errc::xenstore_error), 16);
    EXPECT_EQ(kNoDaemon, 17);
    EXPECT_EQ(exit_status(Errc::events_lost), 18);
    EXPECT_EQ(exit_status(Errc::device_failed), 19);
}

TEST(Escaping, HitsControlsAndNothingElse) {
    EXPECT_EQ(escape_controls("a\tb\nc"), "a\tb\nc");
    EXPECT_EQ(escape_controls("a\x1b[31m\x7f"), "a\\x1b[31m\\x7f");
    EXPECT_EQ(escape_controls("\xC2\x9B"
                              "31m"),
              "\\x9b31m"); // CSI in its C1 form
    EXPECT_EQ(escape_controls("\xC3\xA4 \xE2\x82\xAC"), "\xC3\xA4 \xE2\x82\xAC");
    EXPECT_EQ(escape_controls(std::string("\0", 1)), "\\x00");
}

TEST(Utf8, IsCheckedToTheLetter) {
    EXPECT_EQ(first_invalid_utf8("abc \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80"), std::nullopt);
    for (const char* bad : {"\xFF", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                            "\xF4\x90\x80\x80", "\xF0\x9F\x98", "\x80"})
        EXPECT_EQ(first_invalid_utf8(std::string{"ab"} + bad), 2U);
}

TEST(CommandLine, NeedsNoDaemonForHelpAndVersion) {
    FakeDaemon daemon;
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                      {"create", "--help"},
                                                      {"list", "-h"},
                                                      {"console", "--help"},
                                                      {"shutdown", "--help"}}) {
        const Outcome outcome = run(daemon, arguments);
        EXPECT_EQ(outcome.status, 0);
        EXPECT_THAT(outcome.out, HasSubstr("Usage:"));
        EXPECT_THAT(outcome.err, IsEmpty());
    }
    EXPECT_EQ(run(daemon, {"--version"}).out, "pvhctl 0.1.0\n");
    EXPECT_THAT(daemon.log(), IsEmpty());
}

TEST(CommandLine, TellsTheExitStatusesInItsHelp) {
    FakeDaemon daemon;
    EXPECT_THAT(run(daemon, {"--help"}).out, HasSubstr("     17  pvhd, or pvhconsoled"));
}

TEST(CommandLine, IsAnsweredWithTwoWhenItIsWrong) {
    FakeDaemon daemon;
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                      {"lisst"},
                                                      {"list", "--nope"},
                                                      {"pause"},
                                                      {"create"},
                                                      {"domid"},
                                                      {"domid", "a", "b"},
                                                      {"create", "/dev/null", "b"},
                                                      {"shutdown"},
                                                      {"shutdown", "-a", "web"},
                                                      {"console", "web", "--linger", "-1"},
                                                      {"info", "a", "b"}}) {
        const Outcome outcome = run(daemon, arguments);
        EXPECT_EQ(outcome.status, kUsage) << outcome.err;
        EXPECT_THAT(outcome.err, StartsWith("pvhctl: error: "));
    }
    EXPECT_THAT(daemon.log(), IsEmpty());
}

TEST(CommandLine, FindsTheSocketByOptionEnvironmentOrDefault) {
    FakeDaemon daemon;
    daemon.on("domain.list", always({{"domains", nlohmann::json::array()}}));
    EXPECT_EQ(run(daemon, {"list"}).socket, rpc::kDefaultSocket);
    EXPECT_EQ(run(daemon, {"--socket", "/a", "list"}).socket, "/a");
    EXPECT_EQ(run(daemon, {"list", "--socket=/b"}).socket, "/b");
    ::setenv("PVHCTL_SOCKET", "/c", 1);
    EXPECT_EQ(run(daemon, {"list"}).socket, "/c");
    EXPECT_EQ(run(daemon, {"list", "--socket=/b"}).socket, "/b");
    ::unsetenv("PVHCTL_SOCKET");
}

TEST(CommandLine, SaysClearlyThatNoDaemonIsThere) {
    std::ostringstream out;
    std::ostringstream err;
    SocketConnection daemon;
    Context context{.daemon = daemon, .out = out, .err = err};
    const int status = run_pvhctl({"--socket", "/nonexistent/pvhd.sock", "list"}, context,
                                  [&](const std::string& path) { daemon.set_path(path); });
    EXPECT_EQ(status, kNoDaemon);
    EXPECT_THAT(err.str(), HasSubstr("/nonexistent/pvhd.sock"));
    EXPECT_THAT(err.str(), HasSubstr("hint: is pvhd running?"));
}

TEST(ConfigFile, IsReadFromARegularFileOnly) {
    EXPECT_THAT(read_config_text(PVH_SOURCE_DIR "/config/examples/minimal.cfg"),
                HasSubstr("\"minimal\""));
    EXPECT_THAT(read_config_text("/dev/null"), IsEmpty());
    try {
        read_config_text("/tmp");
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::invalid_config);
        EXPECT_THAT(e.what(), HasSubstr("/tmp is a directory"));
    }
    EXPECT_THROW(read_config_text("/dev/zero"), Error);
    EXPECT_THROW(read_config_text("/nonexistent.cfg"), Error);
}

} // namespace

} // namespace pvh::cli::test
