// SPDX-License-Identifier: LGPL-2.1-or-later
// A pvhd that is killed anywhere: before each single call to Xen, xenstore or dom0's devices, and
// what its successor makes of what it finds. Whatever was under way is done, or it is as if it had
// never begun.
#include "config/read_config.h"
#include "libdomain/device/store_node.h"
#include "tests/unit/daemon/running_daemon.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using nlohmann::json;

constexpr const char* kDevices = "disk = [ '/disk,raw,xvda,rw' ]\nvif = [ 'bridge=xenbr0' ]\n";

/// The host at one moment, as a kill there would leave it.
struct Photograph {
    fake::HostState host;
    std::map<std::string, std::string> state_files;
    std::string call; // the one that was not made
};

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

class KilledTest : public DaemonTest {
  protected:
    KilledTest() {
        options_.restart_retry = std::chrono::milliseconds{10};
        options_.dump_folder = folder_ / "dumps";
        // The one disk of the fake is also attached and detached.
        xen_.files.insert("/second");
    }

    /// Starts a daemon with a domain "web" that runs, if there is to be one.
    void begin(bool with_domain, const std::string& more = "") {
        start();
        if (!with_domain) return;
        auto client = connect();
        id_ = create(client, "web", kDevices + more);
        // The first look at it comes after the answer, and is no part of what follows.
        const std::string look = "store.read " + device::domain_path(id_) + "/name";
        EXPECT_TRUE(eventually([&] {
            const std::lock_guard lock{xen_.mutex};
            const auto named = std::find(xen_.calls.begin(), xen_.calls.end(), look);
            return std::find(named, xen_.calls.end(), "domain_info") != xen_.calls.end();
        }));
    }

    /// Runs an operation to its end and photographs the host before each call that it makes.
    template <class Operation> void photograph(Operation operate) {
        {
            const std::lock_guard lock{xen_.mutex};
            xen_.before_call = [this] { take_photograph(); };
        }
        {
            auto client = connect();
            operate(client);
        }
        const std::lock_guard lock{xen_.mutex};
        xen_.before_call = nullptr;
        ASSERT_GT(photographs_.size(), 10U);
    }

    /// For each photograph: a new daemon on the host that it shows, then `check`, then a destroy of
    /// what there is, after which nothing may be left.
    template <class Check> void each_successor(Check check) {
        ASSERT_TRUE(stop());
        for (const Photograph& moment : photographs_) {
            SCOPED_TRACE("killed before " + moment.call);
            restore(moment);
            start();
            {
                auto client = connect();
                check(client);
                outcomes_.insert(guests() == 0 ? 0 : 1 + devices(client));
                if (guests() != 0) {
                    const auto reply = client.call("domain.destroy", {{"name", "web"}});
                    EXPECT_TRUE(reply.contains("result")) << reply.dump();
                }
                expect_nothing_left(client);
            }
            ASSERT_TRUE(stop());
            if (HasFailure()) return;
        }
    }

    /// It is there with all it should have, and runs.
    void expect_whole(RawClient& client, std::size_t devices) {
        const json now = status(client, "web");
        ASSERT_EQ(now.value("managed", false), true) << now.dump();
        EXPECT_EQ(now.at("paused"), false);
        EXPECT_EQ(now.at("operation"), "");
        const auto listed =
            client.call("device.list", {{"name", "web"}}).at("result").at("devices");
        EXPECT_EQ(listed.size(), devices) << listed.dump();
        const auto spec = client.call("domain.get", {{"name", "web"}}).at("result").at("spec");
        EXPECT_EQ(spec.at("disk").size() + spec.at("vif").size(), devices) << spec.dump();
        for (const json& device : listed)
            EXPECT_EQ(device.at("backend_state"), 2) << device.dump();
    }

    void expect_nothing_left(RawClient& client) {
        EXPECT_EQ(client.call("domain.list").at("result").at("domains").size(), 1U); // dom0
        EXPECT_EQ(guests(), 0U);
        EXPECT_EQ(state_files(), 0U);
        const std::lock_guard lock{xen_.mutex};
        EXPECT_TRUE(xen_.ports.empty());
        EXPECT_TRUE(xen_.served_files.empty());
        EXPECT_EQ(xen_.free_pages, free_pages_);
        // Folders that the first domain of a boot makes and nobody removes.
        const std::set<std::string> folders{"/libxl", "/vm", "/local/domain/0/backend",
                                            "/local/domain/0/error"};
        for (const auto& [path, node] : xen_.nodes)
            EXPECT_TRUE(nodes_.contains(path) || folders.contains(path)) << path;
    }

    [[nodiscard]] std::size_t devices(RawClient& client) const {
        const auto reply = client.call("device.list", {{"name", "web"}});
        return reply.contains("result") ? reply.at("result").at("devices").size() : 0;
    }

    /// In the one state file there is.
    void set_phase(const std::string& phase) const {
        for (const auto& entry : std::filesystem::directory_iterator{options_.state_dir}) {
            if (entry.path().extension() != ".json") continue;
            json file = json::parse(content_of(entry.path()));
            file["phase"] = phase;
            std::ofstream{entry.path()} << file.dump();
        }
    }

    /// While pvhd is away another toolstack takes the domain down to the last node.
    void others_end_it() {
        xen_.domains.erase(id_);
        xen_.nodes = nodes_;
        xen_.served_files.clear();
        xen_.ports.clear();
    }

    DomId id_{};
    std::map<std::string, fake::FakeNode> nodes_ = xen_.nodes; // before there was any domain
    std::set<std::size_t> outcomes_; // each that was seen: 0 without a domain, else 1 + its devices

  private:
    void take_photograph() {
        Photograph moment{.host = xen_.photograph(), .state_files = {}, .call = xen_.calls.back()};
        for (const auto& file : std::filesystem::directory_iterator{options_.state_dir})
            if (file.is_regular_file())
                moment.state_files[file.path().filename()] = content_of(file.path());
        photographs_.push_back(std::move(moment));
    }

    void restore(const Photograph& moment) {
        static_cast<fake::HostState&>(xen_) = moment.host;
        xen_.held_files.clear();
        for (const auto& file : std::filesystem::directory_iterator{options_.state_dir})
            if (file.is_regular_file()) std::filesystem::remove(file.path());
        for (const auto& [name, content] : moment.state_files)
            std::ofstream{options_.state_dir + "/" + name, std::ios::binary} << content;
    }

    std::vector<Photograph> photographs_;
    std::uint64_t free_pages_ = xen_.free_pages;
};

TEST_F(KilledTest, ACreateIsWholeOrNothing) {
    begin(false);
    photograph([&](RawClient& client) { create(client, "web", kDevices); });
    each_successor([&](RawClient& client) {
        if (guests() != 0) expect_whole(client, 2);
    });
    EXPECT_EQ(outcomes_, (std::set<std::size_t>{0, 3}));
}

TEST_F(KilledTest, ACreateOfOneThatWasBuiltAheadIsWholeOrNothing) {
    const std::string class_config = config("class");
    options_.pool = {
        {.file = "/class.cfg",
         .spec = config::read_domain_config({.name = "class", .text = class_config}, {}, "/").spec,
         .size = 1}};
    options_.pool_mib = 64;
    begin(false);
    const auto hits = [](RawClient& client, const std::string& line) {
        const json reply = client.call("metrics.get");
        return reply.at("result").at("text").get<std::string>().find("\n" + line + "\n") !=
               std::string::npos;
    };
    {
        auto client = connect();
        ASSERT_TRUE(eventually(
            [&] { return hits(client, "pvhd_pool_domains_ready{file=\"/class.cfg\"} 1"); }));
    }
    photograph([&](RawClient& client) {
        create(client, "web",
               std::string{kDevices} + "uuid = \"11111111-2222-3333-4444-555555555555\"\n");
        EXPECT_TRUE(hits(client, "pvhd_pool_hits_total 1"));
    });
    options_.pool.clear();
    each_successor([&](RawClient& client) {
        if (guests() != 0) expect_whole(client, 2);
    });
    EXPECT_EQ(outcomes_, (std::set<std::size_t>{0, 3}));
}

TEST_F(KilledTest, ADestroyIsBroughtToItsEndOnceItHasBegun) {
    begin(true);
    photograph([&](RawClient& client) {
        EXPECT_TRUE(client.call("domain.destroy", {{"name", "web"}}).contains("result"));
    });
    each_successor([&](RawClient& client) {
        if (guests() != 0) expect_whole(client, 2);
    });
    // It is on file before the first call of its own; the watcher may have made one before that.
    EXPECT_TRUE(outcomes_.contains(0));
}

TEST_F(KilledTest, ARestartIsBroughtToItsEnd) {
    begin(true);
    photograph([&](RawClient& client) {
        guest_ends(id_, kReboot);
        EXPECT_TRUE(eventually([&] {
            const json now = status(client, "web");
            return now.contains("domid") && now.at("domid") != id_.value() &&
                   now.at("operation") == "";
        }));
    });
    each_successor([&](RawClient& client) {
        EXPECT_TRUE(eventually([&] {
            const json now = status(client, "web");
            return now.value("shutdown", true) == false && now.at("operation") == "" &&
                   now.at("paused") == false;
        }));
        EXPECT_EQ(guests(), 1U);
        expect_whole(client, 2);
    });
}

// A dump maps all memory, and each photograph has what was ever mapped.
constexpr const char* kSmall = "memory = 18\n";

TEST_F(KilledTest, ADumpLetsTheGuestGoOnWhoeverDoesIt) {
    begin(true, kSmall);
    const std::string path = folder_ / "core";
    photograph([&](RawClient& client) {
        const auto reply = client.call("domain.dump_core", {{"name", "web"}, {"path", path}});
        EXPECT_TRUE(reply.contains("result")) << reply.dump();
    });
    std::filesystem::remove(path);
    each_successor([&](RawClient& client) {
        EXPECT_FALSE(std::filesystem::exists(path));
        expect_whole(client, 2);
    });
}

TEST_F(KilledTest, ADumpByPolicyIsMadeAndThePolicyGoesOn) {
    begin(true, kSmall + std::string{"on_crash = \"coredump-restart\"\n"});
    const std::string path = options_.dump_folder + "/web";
    photograph([&](RawClient& client) {
        guest_ends(id_, kCrash);
        EXPECT_TRUE(eventually([&] {
            const json now = status(client, "web");
            return now.contains("domid") && now.at("domid") != id_.value() &&
                   now.at("operation") == "";
        }));
    });
    EXPECT_TRUE(std::filesystem::exists(path));
    each_successor([&](RawClient& client) {
        EXPECT_TRUE(eventually([&] {
            const json now = status(client, "web");
            return now.value("shutdown", true) == false && now.at("operation") == "" &&
                   now.at("paused") == false;
        }));
        expect_whole(client, 2);
        EXPECT_FALSE(std::filesystem::exists(path + ".part"));
    });
}

TEST_F(KilledTest, ARenameRestartKeepsTheOldLifeAndBeginsTheNext) {
    begin(true, "on_reboot = \"rename-restart\"\n");
    const auto kept = [](RawClient& client) {
        std::vector<json> found;
        const json reply = client.call("domain.list");
        for (const json& domain : reply.at("result").at("domains"))
            if (domain.at("name").get<std::string>().starts_with("web-")) found.push_back(domain);
        return found;
    };
    photograph([&](RawClient& client) {
        guest_ends(id_, kReboot);
        EXPECT_TRUE(eventually([&] {
            const json now = status(client, "web");
            return now.contains("domid") && now.at("domid") != id_.value() &&
                   now.at("operation") == "";
        }));
    });
    each_successor([&](RawClient& client) {
        EXPECT_TRUE(eventually([&] {
            const json now = status(client, "web");
            return now.value("shutdown", true) == false && now.at("operation") == "" &&
                   now.at("paused") == false;
        }));
        expect_whole(client, 2);
        const auto old = kept(client);
        ASSERT_EQ(old.size(), 1U);
        EXPECT_EQ(old[0].at("domid"), id_.value());
        EXPECT_EQ(old[0].at("state"), "shutdown");
        EXPECT_EQ(old[0].at("managed"), true);
        EXPECT_TRUE(
            client.call("domain.destroy", {{"name", old[0].at("name")}}).contains("result"));
    });
}

TEST_F(KilledTest, AnAttachIsWholeOrNothing) {
    begin(true);
    photograph([&](RawClient& client) {
        const auto reply =
            client.call("device.attach",
                        {{"name", "web"}, {"disk", "/second,raw,xvdb,rw"}, {"directory", "/"}});
        EXPECT_TRUE(reply.contains("result")) << reply.dump();
    });
    each_successor([&](RawClient& client) { expect_whole(client, devices(client) == 2 ? 2 : 3); });
    EXPECT_EQ(outcomes_, (std::set<std::size_t>{3, 4}));
}

TEST_F(KilledTest, ADetachIsBroughtToItsEndOnceItHasBegun) {
    begin(true);
    photograph([&](RawClient& client) {
        const auto reply = client.call("device.detach", {{"name", "web"}, {"disk", "xvda"}});
        EXPECT_TRUE(reply.contains("result")) << reply.dump();
    });
    each_successor([&](RawClient& client) { expect_whole(client, devices(client) == 2 ? 2 : 1); });
    EXPECT_EQ(outcomes_, (std::set<std::size_t>{2, 3}));
}

/// What a guest says of its disk, while pvhd is away.
class HalfDetachedTest : public KilledTest {
  protected:
    /// A pvhd that waited in vain, or died: then the guest, then the next one.
    void successor_finds(const std::string& frontend, const std::string& backend) {
        begin(true);
        EXPECT_TRUE(stop());
        {
            fake::FakeStore store{xen_};
            const std::string id = std::to_string(id_.value());
            store.write("/local/domain/0/backend/vbd/" + id + "/51712/online", "0");
            store.write("/local/domain/0/backend/vbd/" + id + "/51712/state", backend);
            store.write("/local/domain/" + id + "/device/vbd/51712/state", frontend);
        }
        start();
    }

    std::string backend_state() {
        return fake::FakeStore{xen_}
            .read("/local/domain/0/backend/vbd/" + std::to_string(id_.value()) + "/51712/state")
            .value_or("none");
    }
};

TEST_F(HalfDetachedTest, TheQuestionIsTakenBackIfTheGuestHasNotBegun) {
    successor_finds("4", "5");
    EXPECT_EQ(backend_state(), "4");
}

TEST_F(HalfDetachedTest, WhatTheGuestStillUsesIsLeftAsItIs) {
    successor_finds("5", "5");
    EXPECT_EQ(backend_state(), "5");
    auto client = connect();
    EXPECT_EQ(devices(client), 2U);
}

TEST_F(HalfDetachedTest, WhatTheGuestHasClosedGoes) {
    successor_finds("6", "6");
    EXPECT_EQ(backend_state(), "none");
    auto client = connect();
    EXPECT_EQ(devices(client), 1U);
}

TEST_F(KilledTest, WhatAnotherToolstackMadeAnewIsLeftToIt) {
    for (const char* phase : {"building", "restarting", "ending"}) {
        begin(true);
        const Uuid uuid = xen_.domains.at(id_).args.handle;
        EXPECT_TRUE(stop());
        set_phase(phase);
        others_end_it();
        foreign_domain(DomId{300}, uuid, "web");
        start();
        auto client = connect();
        EXPECT_EQ(status(client, "web").at("managed"), false) << phase;
        EXPECT_EQ(status(client, "web").at("operation"), "") << phase;
        EXPECT_EQ(state_files(), 0U) << phase;
        EXPECT_TRUE(stop());
        xen_.domains.erase(DomId{300});
        xen_.nodes = nodes_;
    }
}

TEST_F(KilledTest, ARestartThatCouldNotBeginIsTheNextPvhdsToDo) {
    options_.restart_retry = std::chrono::seconds{20};
    begin(true);
    {
        auto client = connect();
        {
            const std::lock_guard lock{xen_.mutex};
            xen_.broken_calls.insert("unpause");
        }
        guest_ends(id_, kReboot);
        EXPECT_TRUE(eventually([&] {
            return client.call("domain.list").dump().find("attempt 1 failed") != std::string::npos;
        }));
    }
    EXPECT_EQ(guests(), 0U);
    EXPECT_TRUE(stop());
    xen_.broken_calls.clear();
    start();
    auto client = connect();
    EXPECT_TRUE(eventually([&] { return status(client, "web").value("paused", true) == false; }));
    expect_whole(client, 2);
}

TEST_F(KilledTest, ARestartWaitsForItsNameAndItsUuid) {
    begin(true);
    const Uuid uuid = xen_.domains.at(id_).args.handle;
    EXPECT_TRUE(stop());
    set_phase("restarting");
    others_end_it();
    foreign_domain(DomId{300}, random_uuid(), "web");
    start();
    auto client = connect();
    const auto remark_of = [&]() -> std::string {
        const auto reply = client.call("domain.list");
        for (const json& domain : reply.at("result").at("domains"))
            if (domain.at("remark") != "") return domain.at("remark");
        return "";
    };
    EXPECT_TRUE(
        eventually([&] { return remark_of().find("d300 has the name") != std::string::npos; }));
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(DomId{300});
        xen_.nodes.erase("/local/domain/300/name");
    }
    foreign_domain(DomId{301}, uuid, "other");
    board_->fire("@releaseDomain");
    EXPECT_TRUE(
        eventually([&] { return remark_of().find("is that of d301") != std::string::npos; }));
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(DomId{301});
        xen_.nodes.erase("/local/domain/301/name");
    }
    board_->fire("@releaseDomain");
    EXPECT_TRUE(eventually([&] { return status(client, "web").value("paused", true) == false; }));
}

TEST_F(KilledTest, ARestartGoesOnThoughXenstoreFailsAtTheEndOfTheOldLife) {
    begin(true);
    auto client = connect();
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls.insert("store.remove /vm/" + to_string(xen_.domains.at(id_).args.handle));
    }
    guest_ends(id_, kReboot);
    EXPECT_TRUE(eventually([&] {
        const std::lock_guard lock{xen_.mutex};
        return !xen_.domains.contains(id_);
    }));
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls.clear();
    }
    EXPECT_TRUE(eventually([&] { return status(client, "web").value("paused", true) == false; }));
}

TEST_F(KilledTest, ARestartThatFailedIsTriedAgainByTheNextPvhd) {
    begin(true);
    std::filesystem::rename(kernel_, kernel_ + ".away");
    {
        auto client = connect();
        guest_ends(id_, kReboot);
        EXPECT_TRUE(eventually([&] {
            const auto domains = client.call("domain.list").at("result").at("domains");
            return domains.size() == 2 && domains.at(1).at("state") == "restarting" &&
                   domains.at(1).at("remark") != "";
        }));
        EXPECT_EQ(error_code(client.call("domain.pause", {{"name", "web"}})), "busy");
    }
    EXPECT_TRUE(stop());
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 1U);
    std::filesystem::rename(kernel_ + ".away", kernel_);
    start();
    auto client = connect();
    EXPECT_TRUE(eventually([&] { return status(client, "web").value("paused", true) == false; }));
    expect_whole(client, 2);
}

} // namespace
} // namespace pvh::test
