// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/settings.h"
#include "daemon/settings_source.h"
#include "libdomain/core/error.h"
#include "tests/support/temp_folder.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace pvh::daemon::test {
namespace {

using pvh::test::TempFolder;

ReadSettings read(const std::string& text, const std::vector<GivenSetting>& given = {}) {
    return read_settings({.name = "pvhd.conf", .text = text}, given);
}

std::string refusal(const std::string& text, const std::vector<GivenSetting>& given = {}) {
    try {
        read(text, given);
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::invalid_config);
        return e.what();
    }
    return "none";
}

void write(const std::string& path, const std::string& text) {
    std::ofstream{path, std::ios::trunc} << text;
}

TEST(Settings, AnEmptyFileLeavesTheDefaults) {
    const Settings settings = read("").settings;
    EXPECT_EQ(settings.socket, "/run/pvhd/pvhd.sock");
    EXPECT_EQ(settings.max_connections, 256U);
    EXPECT_FALSE(settings.roles);
}

TEST(Settings, AreReadInTheLanguageOfDomains) {
    const auto [settings, warnings] = read("# ours\nsocket = '/run/a.sock'; workers = 0x4\n"
                                           "log_level = \"debug\"\nstop_timeout=5\n"
                                           "reader_groups = [ \"12\",\n  \"34\", ]\n"
                                           "reader_groups += [ \"56\" ]\n");
    EXPECT_EQ(settings.socket, "/run/a.sock");
    EXPECT_EQ(settings.workers, 4U);
    EXPECT_EQ(settings.log_level, "debug");
    EXPECT_EQ(settings.stop_timeout, 5U);
    ASSERT_TRUE(settings.roles);
    EXPECT_EQ(settings.roles->readers.groups, (std::vector<gid_t>{12, 34, 56}));
    EXPECT_TRUE(warnings.empty());
}

TEST(Settings, TheCommandLineGoesBeforeTheFile) {
    const Settings settings =
        read("log_level = 'warn'\nworkers = 2", {{"log_level", "error"}, {"group", "a 'b"}})
            .settings;
    EXPECT_EQ(settings.log_level, "error");
    EXPECT_EQ(settings.group, "a 'b");
    EXPECT_EQ(settings.workers, 2U);
}

TEST(Settings, EveryFaultIsShownAtItsPlace) {
    EXPECT_EQ(refusal("sokcet = 'a'\nworkers = 65\nlog_level = 'loud'\n"),
              "pvhd.conf:1:1: error: unknown setting \"sokcet\"\n"
              "    sokcet = 'a'\n"
              "    ^~~~~~\n"
              "  hint: did you mean \"socket\"?\n"
              "pvhd.conf:2:11: error: workers cannot be 65\n"
              "    workers = 65\n"
              "              ^~\n"
              "  hint: want 0 to 64\n"
              "pvhd.conf:3:13: error: log_level cannot be \"loud\"\n"
              "    log_level = 'loud'\n"
              "                ^~~~~~\n"
              "  hint: want debug, info, warn or error");
}

TEST(Settings, FaultsOfTheCommandLineNameItsOption) {
    EXPECT_EQ(refusal("", {{"max_connections", "0"}}),
              "--max-connections:1:1: error: max_connections cannot be 0\n"
              "    0\n"
              "    ^\n"
              "  hint: want 1 to 4096");
    EXPECT_NE(refusal("", {{"workers", "many"}}).find("--workers:1:1: error: \"many\""),
              std::string::npos);
}

TEST(Settings, WhatIsNoListOrNoNumberIsRefused) {
    EXPECT_NE(refusal("admin_groups = 'a'").find("takes a list"), std::string::npos);
    EXPECT_NE(refusal("socket = ['a']").find("not a list"), std::string::npos);
    EXPECT_NE(refusal("workers = -1").find("negative"), std::string::npos);
    EXPECT_NE(refusal("socket = ").find("a value is expected"), std::string::npos);
}

TEST(Settings, AnUnknownUserIsWarnedOfAndGetsNothing) {
    const auto [settings, warnings] = read("admin_users = [ 'root', 'no-such-user' ]");
    ASSERT_TRUE(settings.roles);
    EXPECT_EQ(settings.roles->admins.users, std::vector<uid_t>{0});
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_EQ(warnings[0], "pvhd.conf:1:25: warning: there is no user \"no-such-user\"");
}

TEST(Settings, AnEntryOfThePoolIsANumberAndAFile) {
    EXPECT_EQ(read("pool = [ '8 /etc/a b.cfg', '1 /c' ]").settings.pool,
              (std::vector<PoolEntry>{{8, "/etc/a b.cfg"}, {1, "/c"}}));
    for (const char* wrong : {"8", "0 /a", "1001 /a", "-1 /a", "8 a", "8/a", "/a", ""})
        EXPECT_NE(refusal(std::string{"pool = [ '"} + wrong + "' ]").find("no entry of pool"),
                  std::string::npos)
            << wrong;
}

TEST(Settings, AnEmptyListOfAdminsIsNotTheDefault) {
    EXPECT_EQ(read("admin_groups = []").settings.roles, Roles{});
}

TEST(Settings, AReloadChangesWhatItCan) {
    Settings now = read("socket = 'a'\nadmin_groups = ['1']").settings;
    const Settings next = read("socket = 'b'\nworkers = 3\nlog_level = 'warn'").settings;
    EXPECT_EQ(take_over(now, next), (std::vector<std::string_view>{"socket", "workers"}));
    EXPECT_EQ(now.socket, "a");
    EXPECT_EQ(now.log_level, "warn");
    EXPECT_FALSE(now.roles);
}

TEST(Settings, AFileWithAFaultChangesNothingAtAReload) {
    const TempFolder folder;
    const std::string path = folder / "pvhd.conf";
    write(path, "log_level = 'warn'");
    SettingsSource source;
    CLI::App app;
    source.add_options(app);
    app.parse("--settings " + path);
    Settings now = source.read();
    write(path, "log_level = 'error'\nworker = 1");
    source.reload(now);
    EXPECT_EQ(now.log_level, "warn");
    write(path, "log_level = 'error'");
    source.reload(now);
    EXPECT_EQ(now.log_level, "error");
}

TEST(Settings, OnlyTheDefaultFileMayBeAbsent) {
    EXPECT_THROW(static_cast<void>(SettingsSource::check("/no/such/file")), Error);
    SettingsSource source;
    CLI::App app;
    source.add_options(app);
    app.parse("--settings /no/such/file --log-level debug");
    EXPECT_THROW(static_cast<void>(source.read()), Error);
}

// PVH_WRITE_GOLDEN=1 writes it.
TEST(Settings, TheManualInTheTreeIsWhatTheTableSays) {
    const std::string path = std::string{PVH_SOURCE_DIR} + "/docs/man/pvhd.conf.5.scd";
    if (std::getenv("PVH_WRITE_GOLDEN") != nullptr)
        std::ofstream{path, std::ios::binary} << settings_manual();
    std::ifstream in{path, std::ios::binary};
    const std::string in_tree{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    EXPECT_EQ(settings_manual(), in_tree);
}

TEST(Settings, TheExampleIsSound) {
    EXPECT_EQ(SettingsSource::check(std::string{PVH_SOURCE_DIR} + "/config/pvhd.conf"), "");
}

} // namespace
} // namespace pvh::daemon::test
