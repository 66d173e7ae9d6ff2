// SPDX-License-Identifier: LGPL-2.1-or-later
// A pvhd that comes after another.
#include "tests/unit/daemon/running_daemon.h"

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using TakeoverTest = DaemonTest;

TEST_F(TakeoverTest, ARestartedDaemonAdoptsItsDomains) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", "on_poweroff = \"destroy\"\n");
    EXPECT_TRUE(stop());
    EXPECT_EQ(guests(), 1U);
    start();
    auto again = connect();
    EXPECT_EQ(status(again, "web").at("managed"), true);
    guest_ends(id, kPoweroff);
    EXPECT_TRUE(wait(again, {{"name", "web"}}, "gone").contains("result"));
    EXPECT_EQ(guests(), 0U);
}

TEST_F(TakeoverTest, AFileWithoutDomainIsForgottenAtTheStart) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    EXPECT_TRUE(stop());
    xen_.domains.erase(id);
    start();
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(TakeoverTest, ABuildThatWasCutShortIsRolledBackAtTheStart) {
    start();
    auto client = connect();
    const auto reply = client.call("domain.create", [&] {
        auto params = create_params("web");
        params["paused"] = true;
        return params;
    }());
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_TRUE(stop());
    for (const auto& entry : std::filesystem::directory_iterator{options_.state_dir}) {
        if (entry.path().extension() != ".json") continue;
        std::ifstream in{entry.path()};
        std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
        text.replace(text.find("complete"), 8, "building");
        std::ofstream{entry.path()} << text;
    }
    start();
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(TakeoverTest, ARenameWhilePvhdWasAwayIsKeptOverARestart) {
    start();
    DomId id{};
    {
        auto client = connect();
        id = create(client, "web");
    }
    ASSERT_TRUE(stop());
    fake::FakeStore{xen_}.write("/local/domain/" + std::to_string(id.value()) + "/name", "shop");
    start();
    auto client = connect();
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "shop");
        return now.contains("domid") && now.at("domid") != id.value();
    }));
}

} // namespace
} // namespace pvh::test
