// SPDX-License-Identifier: LGPL-2.1-or-later
// The threat cases of docs/threats.md whose actor is a guest, the host, another toolstack or
// chance.
#include "tests/unit/daemon/running_daemon.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using Threats = DaemonTest;

constexpr const char* kDevices = "disk = [ '/disk,raw,xvda,rw' ]\nvif = [ 'bridge=xenbr0' ]\n";

std::string home_of(DomId id) {
    return "/local/domain/" + std::to_string(id.value());
}

std::string backend_of(const std::string& device, DomId id) {
    return "/local/domain/0/backend/" + device.substr(0, 3) + '/' + std::to_string(id.value()) +
           device.substr(3);
}

bool is_below(const std::string& path, const std::string& folder) {
    return path == folder || path.starts_with(folder + '/');
}

/// What there is of a domain in xenstore: its own folder, the toolstack's record, its backends.
std::map<std::string, fake::FakeNode> nodes_of(fake::FakeXen& xen, DomId id) {
    const std::lock_guard lock{xen.mutex};
    std::map<std::string, fake::FakeNode> found;
    const std::string number = std::to_string(id.value());
    for (const auto& [path, node] : xen.nodes)
        for (const char* room :
             {"/local/domain/", "/libxl/", "/local/domain/0/backend/vbd/",
              "/local/domain/0/backend/vif/", "/local/domain/0/backend/console/"})
            if (is_below(path, room + number)) found.emplace(path, node);
    return found;
}

TEST_F(Threats, Case05_AGuestThatPointsAtAnothersDevicesEndsWithItsOwn) {
    xen_.files.insert("/second");
    start();
    auto client = connect();
    const DomId good{create(client, "good", kDevices)};
    const DomId rogue{create(client, "rogue",
                             "disk = [ '/second,raw,xvda,rw' ]\n"
                             "vif = [ 'bridge=xenbr0', 'bridge=xenbr0' ]\n")};
    const auto before = nodes_of(xen_, good);
    fake::FakeStore store{xen_};
    for (const std::string device : {"vbd/51712", "vif/0"}) {
        const std::string frontend = home_of(rogue) + "/device/" + device;
        store.write(frontend + "/backend", backend_of(device, good));
        store.write(frontend + "/backend-id", "7");
        store.write(frontend + "/mac", "00:16:3e:ff:ff:ff");
        store.write(frontend + "/state", "6");
    }
    store.remove(home_of(rogue) + "/device/vif/1");
    const auto listed = client.call("device.list", {{"name", "rogue"}}).at("result").at("devices");
    std::set<std::string> backends;
    for (const json& device : listed) {
        backends.insert(device.at("backend_path").get<std::string>());
        EXPECT_NE(device.value("mac", ""), "00:16:3e:ff:ff:ff");
    }
    EXPECT_EQ(backends,
              (std::set<std::string>{backend_of("vbd/51712", rogue), backend_of("vif/0", rogue),
                                     backend_of("vif/1", rogue)}));
    EXPECT_TRUE(client.call("domain.destroy", {{"name", "rogue"}}).contains("result"));
    EXPECT_TRUE(nodes_of(xen_, good) == before);
    EXPECT_TRUE(nodes_of(xen_, rogue).empty());
    const std::lock_guard lock{xen_.mutex};
    EXPECT_EQ(xen_.served_files.size(), 1U);
    EXPECT_EQ(xen_.ports.size(), 1U);
}

TEST_F(Threats, Case06_WhateverAGuestWritesAnswersAreJson) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", kDevices);
    fake::FakeStore store{xen_};
    for (const std::string& value :
         {std::string(4000, '\xff'), std::string(3, '\0'), std::string{"\x1b]0;owned\a\x9b"},
          std::string{"99999999999999999999"}, std::string{"-1"}, std::string{"\"}],\n"}}) {
        for (const char* node :
             {"/device/vbd/51712/state", "/device/vbd/51712/ring-ref",
              "/device/vif/0/event-channel", "/control/feature-poweroff", "/data/anything"})
            store.write(home_of(id) + node, value);
        // That they can be parsed is what RawClient::reply() sees to.
        const auto devices = client.call("device.list", {{"name", "web"}}).at("result");
        EXPECT_EQ(devices.at("devices").at(0).at("state"), 0);
        EXPECT_FALSE(devices.at("devices").at(0).contains("ring_ref"));
        EXPECT_TRUE(client.call("domain.list").contains("result"));
        EXPECT_TRUE(client.call("domain.get", {{"name", "web"}}).contains("result"));
        EXPECT_EQ(error_code(client.call("domain.shutdown", {{"name", "web"}})), "bad_state");
    }
}

TEST_F(Threats, Case07_AGuestThatEndsWithACodeOfItsOwnHasCrashed) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    guest_ends(id, 255);
    const auto reply = wait(client, {{"name", "web"}}, "gone");
    EXPECT_EQ(reply.at("result").at("shutdown_reason"), "255");
    EXPECT_EQ(guests(), 0U);
}

TEST_F(Threats, Case07_AFloodOfWatchEventsHoldsNobodyUp) {
    start();
    auto client = connect();
    create(client, "web");
    const std::string name = "/vm/" + status(client, "web").at("uuid").get<std::string>() + "/name";
    for (int i = 0; i < 20'000; ++i)
        board_->fire(i % 2 == 0 ? "@releaseDomain" : name);
    EXPECT_TRUE(client.call("system.ping").contains("result"));
    EXPECT_EQ(status(client, "web").at("managed"), true);
}

TEST_F(Threats, Case08_AGuestThatCrashesBeforeItIsFinishedIsGone) {
    start();
    const auto pages = xen_.free_pages;
    gate_.close();
    auto client = connect();
    client.request(1, "domain.create", create_params("web", kDevices));
    ASSERT_TRUE(gate_.wait_for(1));
    {
        const std::lock_guard lock{xen_.mutex};
        for (auto& [id, domain] : xen_.domains)
            if (id != kDom0) domain.shutdown_reason = kCrash;
    }
    board_->fire("@releaseDomain");
    gate_.open();
    EXPECT_TRUE(client.reply().has_value());
    board_->fire("@releaseDomain");
    EXPECT_TRUE(eventually([&] { return guests() == 0 && state_files() == 0; }));
    const std::lock_guard lock{xen_.mutex};
    EXPECT_EQ(xen_.free_pages, pages);
    EXPECT_TRUE(xen_.served_files.empty());
}

// Waits and deadlines are not told by a clock that can be set.
static_assert(daemon::Clock::is_steady);

TEST_F(Threats, Case12_WhatNeverSucceedsLeavesNoDomainAndNoMemory) {
    start();
    auto client = connect();
    const auto pages = xen_.free_pages;
    for (const char* call : {"create_domain", "claim_pages", "populate", "set_boot_vcpu"}) {
        {
            const std::lock_guard lock{xen_.mutex};
            xen_.broken_calls = {call};
        }
        const auto reply = client.call("domain.create", create_params("web", kDevices));
        EXPECT_TRUE(reply.contains("error")) << call;
        EXPECT_EQ(guests(), 0U) << call;
        EXPECT_EQ(state_files(), 0U) << call;
        EXPECT_EQ(xen_.free_pages, pages) << call;
    }
    const std::lock_guard lock{xen_.mutex};
    xen_.broken_calls.clear();
    EXPECT_TRUE(xen_.served_files.empty());
    EXPECT_TRUE(xen_.held_files.empty());
    EXPECT_EQ(xen_.live_mappings, 0);
}

TEST_F(Threats, Case13_ABuildThatAKillCutsShortIsUndoneByTheNextPvhd) {
    start();
    const std::string copy = folder_ / "copy";
    const auto pages = xen_.free_pages;
    fake::HostState moment;
    gate_.close();
    {
        auto client = connect();
        client.request(1, "domain.create", create_params("web", kDevices));
        ASSERT_TRUE(gate_.wait_for(1));
        {
            const std::lock_guard lock{xen_.mutex};
            moment = xen_.photograph();
        }
        fs::copy(options_.state_dir, copy);
        gate_.open();
        EXPECT_TRUE(client.reply().value().contains("result"));
    }
    ASSERT_TRUE(stop());
    static_cast<fake::HostState&>(xen_) = moment;
    xen_.held_files.clear();
    options_.state_dir = copy;
    EXPECT_EQ(guests(), 1U);
    start();
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
    EXPECT_EQ(xen_.free_pages, pages);
    EXPECT_TRUE(connect().call("domain.create", create_params("web", kDevices)).contains("result"));
}

TEST_F(Threats, Case15_TwoDestroysAtOnceAreOne) {
    start();
    auto first = connect();
    create(first, "web", kDevices);
    auto second = connect();
    const json web{{"name", "web"}};
    first.request(1, "domain.destroy", web);
    second.request(2, "domain.destroy", web);
    unsigned destroyed = 0;
    for (RawClient* client : {&first, &second}) {
        const auto reply = client->reply().value();
        if (reply.contains("result"))
            ++destroyed;
        else
            EXPECT_TRUE(error_code(reply) == "busy" || error_code(reply) == "not_found")
                << reply.dump();
    }
    EXPECT_EQ(destroyed, 1U);
    EXPECT_EQ(guests(), 0U);
}

TEST_F(Threats, Case15_AnotherDomainUnderAKnownNumberIsNotTouched) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    { // at once: Xen gives no number anew before all others were in use
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(id);
        foreign_domain(id, random_uuid(), "theirs"); // and nobody has told pvhd
    }
    for (const char* method : {"domain.pause", "domain.reboot"})
        EXPECT_TRUE(client.call(method, {{"name", "web"}}).contains("error")) << method;
    client.call("domain.destroy", {{"name", "web"}});
    EXPECT_EQ(guests(), 1U);
    EXPECT_EQ(status(client, "theirs").at("paused"), false);
}

TEST_F(Threats, Case16_ANumberThatIsUsedAgainInheritsNoNodesAndNoRights) {
    start();
    fake::FakeStore store{xen_};
    // Of the last domain 1, which some toolstack did not clean up after.
    for (const char* node : {"/device/vbd/51712/backend", "/control/shutdown", "/console/tty"}) {
        store.write(std::string{"/local/domain/1"} + node, "stale");
        store.set_permissions(std::string{"/local/domain/1"} + node,
                              {{DomId{1}, xen::Access::both}, {DomId{9}, xen::Access::both}});
    }
    store.set_permissions("/local/domain/1", {{DomId{9}, xen::Access::both}});
    auto client = connect();
    ASSERT_EQ(create(client, "web"), DomId{1});
    for (const auto& [path, node] : nodes_of(xen_, DomId{1})) {
        EXPECT_NE(node.value, "stale") << path;
        for (const auto& permission : node.permissions)
            EXPECT_NE(permission.domain, DomId{9}) << path;
    }
    const xen::Permissions wanted{{kDom0, xen::Access::none}, {DomId{1}, xen::Access::read}};
    EXPECT_EQ(nodes_of(xen_, DomId{1}).at("/local/domain/1").permissions, wanted);
    EXPECT_FALSE(store.read("/local/domain/1/device/vbd/51712/backend").has_value());
}

std::string text_of(const std::string& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// All capabilities that a unit may have.
std::string capabilities_in(const std::string& unit) {
    std::istringstream lines{unit};
    std::string found;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("CapabilityBoundingSet=")) found += line + ' ';
    return found;
}

TEST_F(Threats, Case20_TheUnitsGiveNoMoreThanIsNeeded) {
    for (const char* name : {"pvhd", "pvhconsoled"}) {
        const std::string unit =
            text_of(std::string{PVH_SOURCE_DIR "/systemd/"} + name + ".service.in");
        for (const char* line :
             {"\nNoNewPrivileges=yes\n", "\nProtectSystem=", "\nSystemCallFilter=",
              "\nDevicePolicy=closed\n", "\nIPAddressDeny=any\n", "\nMemoryDenyWriteExecute=yes\n",
              "\nRestrictNamespaces=yes\n"})
            EXPECT_NE(unit.find(line), std::string::npos) << name << line;
        const std::string granted = capabilities_in(unit);
        ASSERT_FALSE(granted.empty());
        for (const char* capability : {"CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_SYS_RAWIO",
                                       "CAP_SETUID", "CAP_NET_RAW", "CAP_BPF", "~"})
            EXPECT_EQ(granted.find(capability), std::string::npos) << name << ' ' << capability;
    }
}

/// Of this program's tests those that are named after a case.
std::vector<std::string> tests_of_cases() {
    const auto& program = *testing::UnitTest::GetInstance();
    std::vector<std::string> names;
    for (int i = 0; i < program.total_test_suite_count(); ++i) {
        const auto& suite = *program.GetTestSuite(i);
        if (suite.name() != std::string{"Threats"}) continue;
        for (int j = 0; j < suite.total_test_count(); ++j)
            if (std::string name = suite.GetTestInfo(j)->name(); name.starts_with("Case"))
                names.push_back(std::move(name));
    }
    return names;
}

TEST_F(Threats, OfEachCaseThereIsATestAndOfEachTestARow) {
    const auto names = tests_of_cases();
    const std::string table = text_of(PVH_SOURCE_DIR "/docs/threats.md");
    for (int number = 1; number <= 20; ++number) {
        if (number == 17 || number == 18) continue; // of tests/unit/boot; there is no migration
        const std::string prefix = fmt::format("Case{:02}_", number);
        EXPECT_TRUE(std::any_of(names.begin(), names.end(), [&](const std::string& name) {
            return name.starts_with(prefix);
        })) << prefix;
    }
    for (const std::string& name : names) {
        const bool is_named = table.find("`Threats." + name + "`") != std::string::npos;
        const bool is_meant =
            table.find("`Threats." + name.substr(0, 7) + "*`") != std::string::npos;
        EXPECT_TRUE(is_named || is_meant) << name;
    }
}

} // namespace
} // namespace pvh::test
