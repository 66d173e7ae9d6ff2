// SPDX-License-Identifier: LGPL-2.1-or-later
// Core dumps, by request and by policy, and what a rename-restart keeps.
#include "daemon/dump.h"
#include "daemon/dump_file.h"
#include "daemon/set_aside.h"
#include "libdomain/core/error.h"
#include "tests/unit/daemon/running_daemon.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace pvh::test {
namespace {

using nlohmann::json;

constexpr const char* kSmall = "memory = 18\n";

class DumpTest : public DaemonTest {
  protected:
    DumpTest() { options_.dump_folder = folder_ / "dumps"; }

    [[nodiscard]] std::string dump_of(const std::string& name) const {
        return options_.dump_folder + "/" + name;
    }

    static json dump(RawClient& client, const std::string& path, bool live = false) {
        return client.call("domain.dump_core", {{"name", "web"}, {"path", path}, {"live", live}});
    }

    static bool is_core(const std::string& path) {
        std::ifstream in{path, std::ios::binary};
        std::string magic(4, '\0');
        in.read(magic.data(), 4);
        return magic == "\177ELF";
    }

    [[nodiscard]] std::ptrdiff_t parts() const {
        return std::ranges::count_if(
            std::filesystem::directory_iterator{folder_ / ""},
            [](const auto& file) { return file.path().filename().string().starts_with(".dump"); });
    }

    int pauses(DomId id) {
        const std::lock_guard lock{xen_.mutex};
        return xen_.domains.at(id).pause_count;
    }

    static json events(RawClient& client, const std::string& type) {
        return client.call("events.list", {{"types", {type}}}).at("result").at("events");
    }

    /// The domain whose name begins so, and goes on.
    static json kept(RawClient& client, const std::string& name) {
        const json reply = client.call("domain.list");
        for (const json& domain : reply.at("result").at("domains"))
            if (domain.at("name").get<std::string>().starts_with(name + "-")) return domain;
        return json::object();
    }
};

TEST_F(DumpTest, TellsWhatItWroteAndLetsTheGuestGoOn) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", kSmall);
    const auto reply = dump(client, folder_ / "core");
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    const json& result = reply.at("result");
    EXPECT_EQ(result.at("domid"), id.value());
    EXPECT_EQ(result.at("bytes"), std::filesystem::file_size(folder_ / "core"));
    EXPECT_EQ(result.at("vcpus"), 1);
    EXPECT_GE(result.at("memory_kib"), 18432);
    EXPECT_TRUE(is_core(folder_ / "core"));

    struct stat st {};

    ASSERT_EQ(::stat((folder_ / "core").c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777U, 0600U);
    EXPECT_EQ(pauses(id), 0);
    EXPECT_EQ(events(client, "domain.dumped").size(), 1U);
    EXPECT_EQ(parts(), 0);
}

TEST_F(DumpTest, APausedGuestStaysPausedAndALiveDumpPausesNone) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", kSmall);
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls.insert("pause");
    }
    EXPECT_TRUE(dump(client, folder_ / "live", true).contains("result"));
    EXPECT_EQ(error_code(dump(client, folder_ / "core")), "xen_error");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls.clear();
    }
    EXPECT_TRUE(client.call("domain.pause", {{"name", "web"}}).contains("result"));
    EXPECT_TRUE(dump(client, folder_ / "core").contains("result"));
    EXPECT_EQ(pauses(id), 1);
}

TEST_F(DumpTest, RefusesAFileThatIsThereAndAPathThatIsNone) {
    start();
    auto client = connect();
    create(client, "web", kSmall);
    std::ofstream{folder_ / "core"} << "mine";
    EXPECT_EQ(error_code(dump(client, folder_ / "core")), "already_exists");
    EXPECT_EQ(error_code(dump(client, "core")), "invalid_config");
    EXPECT_EQ(error_code(dump(client, folder_ / "..")), "invalid_config");
    EXPECT_EQ(error_code(dump(client, folder_ / "none" + "/core")), "not_found");
    EXPECT_EQ(std::filesystem::file_size(folder_ / "core"), 4U);
}

TEST_F(DumpTest, AFailureLeavesNoFileAndTheGuestRuns) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", kSmall);
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls.insert("host_info");
    }
    EXPECT_EQ(error_code(dump(client, folder_ / "core")), "xen_error");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "core"));
    EXPECT_EQ(parts(), 0);
    EXPECT_EQ(pauses(id), 0);
    EXPECT_EQ(status(client, "web").at("operation"), "");
}

TEST_F(DumpTest, WhoStoodStillForADumpWhenPvhdWasKilledGoesOn) {
    start();
    auto client = connect();
    const DomId held = create(client, "web", kSmall);
    const DomId paused = create(client, "db", kSmall);
    EXPECT_TRUE(stop());
    {
        const std::lock_guard lock{xen_.mutex};
        for (const DomId id : {held, paused})
            xen_.domains.at(id).pause_count = 1;
        xen_.nodes[daemon::hold_path(held)].value = "core dump";
    }
    start();
    EXPECT_EQ(pauses(held), 0);
    EXPECT_EQ(pauses(paused), 1);
    const std::lock_guard lock{xen_.mutex};
    EXPECT_FALSE(xen_.nodes.contains(daemon::hold_path(held)));
}

TEST_F(DumpTest, CoredumpDestroyDumpsAndDestroys) {
    start();
    auto client = connect();
    std::filesystem::create_directory(options_.dump_folder);
    std::ofstream{dump_of("web")} << "an older one";
    const DomId id = create(client, "web", kSmall + std::string{"on_crash = \"coredump-destroy\""});
    guest_ends(id, kCrash);
    EXPECT_EQ(wait(client, {{"name", "web"}}, "gone").at("result").at("reached"), "gone");
    EXPECT_TRUE(is_core(dump_of("web")));
    EXPECT_EQ(state_files(), 0U);
    const json told = events(client, "domain.dumped");
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].at("data").at("message"), dump_of("web"));
}

TEST_F(DumpTest, WhoIsDestroyedWhileItsCoreIsDumpedIsNotRestarted) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", kSmall + std::string{"on_crash = \"coredump-restart\""});
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.before_call = [this, id] {
            if (xen_.calls.back() == "last_gfn") xen_.domains.erase(id); // as xl destroy
        };
    }
    guest_ends(id, kCrash);
    EXPECT_EQ(wait(client, {{"name", "web"}}, "gone").at("result").at("reached"), "gone");
    EXPECT_TRUE(eventually([&] { return state_files() == 0; }));
    const std::lock_guard lock{xen_.mutex};
    xen_.before_call = nullptr;
    EXPECT_EQ(std::ranges::count(xen_.calls, "create_domain"), 1);
}

TEST_F(DumpTest, AJobThatDumpsCanBeCancelled) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", kSmall);
    std::promise<void> is_dumping;
    std::promise<void> goes_on;
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.before_call = [&, wait = goes_on.get_future().share()] {
            if (xen_.calls.back() != "present") return;
            is_dumping.set_value();
            wait.wait();
        };
    }
    const json begun = client.call("domain.dump_core",
                                   {{"name", "web"}, {"path", folder_ / "core"}, {"mode", "job"}});
    const std::string job = begun.at("result").at("job");
    is_dumping.get_future().wait();
    EXPECT_TRUE(client.call("job.cancel", {{"job", job}}).contains("result"));
    goes_on.set_value();
    EXPECT_EQ(client.call("job.wait", {{"job", job}}).at("result").at("state"), "cancelled");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "core"));
    EXPECT_EQ(parts(), 0);
    EXPECT_EQ(pauses(id), 0);
}

TEST_F(DumpTest, CoredumpRestartRestartsThoughTheDumpFails) {
    options_.dump_folder = folder_ / "file";
    std::ofstream{folder_ / "file"} << "no folder";
    start();
    auto client = connect();
    const DomId id = create(client, "web", kSmall + std::string{"on_crash = \"coredump-restart\""});
    guest_ends(id, kCrash);
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "web");
        return now.contains("domid") && now.at("domid") != id.value() && now.at("operation") == "";
    }));
    EXPECT_EQ(events(client, "domain.dump_failed").size(), 1U);
    EXPECT_EQ(events(client, "domain.dumped").size(), 0U);
}

TEST_F(DumpTest, RenameRestartKeepsTheOldOneWithoutItsDevices) {
    start();
    auto client = connect();
    const DomId id = create(client, "web",
                            "on_reboot = \"rename-restart\"\n"
                            "disk = [ '/disk,raw,xvda,rw' ]\nvif = [ 'bridge=xenbr0' ]\n");
    const auto uuid = status(client, "web").at("uuid");
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "web");
        return now.contains("domid") && now.at("domid") != id.value() && now.at("operation") == "";
    }));
    EXPECT_EQ(status(client, "web").at("uuid"), uuid);
    const auto devices = [&](const std::string& name) {
        return client.call("device.list", {{"name", name}}).at("result").at("devices").size();
    };
    EXPECT_EQ(devices("web"), 2U);
    const json old = kept(client, "web");
    ASSERT_TRUE(old.contains("domid"));
    const std::string name = old.at("name");
    EXPECT_EQ(old.at("domid"), id.value());
    EXPECT_NE(old.at("uuid"), uuid);
    EXPECT_EQ(old.at("managed"), true);
    EXPECT_EQ(old.at("shutdown_reason"), "reboot");
    EXPECT_EQ(devices(name), 0U);
    EXPECT_EQ(state_files(), 2U);
    EXPECT_EQ(events(client, "domain.renamed").size(), 0U); // neither has ever changed its name
    EXPECT_TRUE(stop());
    start();
    auto again = connect();
    EXPECT_EQ(status(again, name).at("uuid"), old.at("uuid"));
    EXPECT_EQ(status(again, name).at("state"), "shutdown");
    EXPECT_TRUE(again.call("domain.destroy", {{"name", name}}).contains("result"));
    EXPECT_EQ(status(again, "web").at("uuid"), uuid);
    EXPECT_EQ(state_files(), 1U);
    EXPECT_TRUE(again.call("domain.destroy", {{"name", "web"}}).contains("result"));
    EXPECT_EQ(state_files(), 0U);
    const std::lock_guard lock{xen_.mutex};
    for (const auto& [path, node] : xen_.nodes)
        EXPECT_FALSE(path.starts_with("/vm/")) << path;
}

TEST_F(DumpTest, RenameRestartTwiceInAMinuteKeepsBoth) {
    start();
    auto client = connect();
    create(client, "web", "on_reboot = \"rename-restart\"\n");
    for (std::size_t lives = 1; lives <= 2; ++lives) {
        const auto now = status(client, "web").at("domid");
        guest_ends(DomId{now.get<std::uint16_t>()}, kReboot);
        EXPECT_TRUE(eventually([&] { return guests() == lives + 1; }));
        EXPECT_TRUE(eventually([&] {
            const auto next = status(client, "web");
            return next.contains("domid") && next.at("domid") != now && next.at("operation") == "";
        }));
    }
    EXPECT_EQ(state_files(), 3U);
}

TEST_F(DumpTest, RenameRestartThatCannotRenameIsTriedAgainByTheNextPvhd) {
    start();
    {
        auto client = connect();
        const DomId id = create(client, "web", "on_reboot = \"rename-restart\"\n");
        {
            const std::lock_guard lock{xen_.mutex};
            xen_.broken_calls.insert("set_handle");
        }
        guest_ends(id, kReboot);
        EXPECT_TRUE(eventually([&] {
            const std::lock_guard lock{xen_.mutex};
            return std::count(xen_.calls.begin(), xen_.calls.end(), "set_handle") == 1;
        }));
        EXPECT_TRUE(eventually([&] { return status(client, "web").at("operation") == ""; }));
        EXPECT_EQ(state_files(), 1U);
    }
    EXPECT_TRUE(stop());
    xen_.broken_calls.clear();
    start();
    auto client = connect();
    EXPECT_TRUE(eventually([&] { return status(client, "web").value("shutdown", true) == false; }));
    EXPECT_TRUE(kept(client, "web").contains("domid"));
}

TEST(AsideName, IsThatOfXl) {
    const auto time = std::chrono::system_clock::from_time_t(1'795'370'839); // 2026-11-22 18:07:19
    EXPECT_EQ(daemon::aside_name("web", time), "web-20261122T1807Z");
    EXPECT_LE(daemon::aside_name(std::string(255, 'x'), time).size(), 250U);
}

TEST(DumpFile, DoesNotTakeMoreThanThereIs) {
    const TempFolder folder;
    const daemon::DumpFile file{folder / "core", daemon::DumpFile::IfThere::refuse};
    EXPECT_NO_THROW(file.require_room(4096));
    EXPECT_THROW(file.require_room(1ULL << 60), Error);
}

TEST(DumpFile, WhatAKilledPvhdLeftIsRemoved) {
    const TempFolder folder;
    std::ofstream{folder / ".dump-0b4dde04"} << "half";
    std::ofstream{folder / "web"} << "whole";
    daemon::DumpFile::remove_parts(folder / "");
    daemon::DumpFile::remove_parts(folder / "none");
    EXPECT_FALSE(std::filesystem::exists(folder / ".dump-0b4dde04"));
    EXPECT_TRUE(std::filesystem::exists(folder / "web"));
}

TEST(DumpFile, IsThereWhenItIsKeptAndNotBefore) {
    const TempFolder folder;
    const std::string path = folder / "core";
    {
        const daemon::DumpFile file{path, daemon::DumpFile::IfThere::refuse};
        EXPECT_FALSE(std::filesystem::exists(path));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    daemon::DumpFile file{path, daemon::DumpFile::IfThere::refuse};
    daemon::DumpFile rival{path, daemon::DumpFile::IfThere::refuse};
    file.keep();
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_THROW(rival.keep(), Error);
}

} // namespace
} // namespace pvh::test
