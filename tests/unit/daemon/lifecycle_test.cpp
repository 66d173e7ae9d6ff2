// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens to domains after they were made: verbs, policies, other toolstacks, restarts of the
// daemon.
#include "tests/unit/daemon/running_daemon.h"

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace pvh::test {
namespace {

constexpr std::uint8_t kPoweroff = 0;
constexpr std::uint8_t kReboot = 1;
constexpr std::uint8_t kSuspend = 2;
constexpr std::uint8_t kCrash = 3;

class LifecycleTest : public DaemonTest {
  protected:
    nlohmann::json wait(RawClient& client, const nlohmann::json& selector,
                        const std::string& until) {
        auto params = selector;
        params["until"] = until;
        params["timeout_ms"] = 20'000;
        return client.call("domain.wait", params);
    }

    nlohmann::json status(RawClient& client, const std::string& name) {
        const auto reply = client.call("domain.get", {{"name", name}});
        return reply.contains("result") ? reply.at("result").at("status") : reply;
    }

    const Uuid theirs_ = parse_uuid("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee").value();
};

TEST_F(LifecycleTest, PauseAndUnpauseCanBeSaidTwice) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(client.call("domain.pause", {{"name", "web"}}).contains("result"));
        EXPECT_EQ(status(client, "web").at("state"), "paused");
    }
    for (int i = 0; i < 2; ++i)
        EXPECT_TRUE(client.call("domain.unpause", {{"domid", id.value()}}).contains("result"));
    EXPECT_EQ(status(client, "web").at("paused"), false);
}

TEST_F(LifecycleTest, DestroyRemovesEverything) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const auto reply = client.call("domain.destroy", {{"name", "web"}});
    EXPECT_EQ(reply.at("result").at("domid"), id.value());
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
    EXPECT_EQ(error_code(client.call("domain.destroy", {{"name", "web"}})), "not_found");
    create(client, "web"); // the name is free
}

TEST_F(LifecycleTest, ADestroyAsANotificationIsDoneUnanswered) {
    start();
    auto client = connect();
    create(client, "web");
    client.send(R"({"jsonrpc":"2.0","method":"domain.destroy","params":{"name":"web"}})"
                "\n");
    const auto reply = wait(client, {{"name", "web"}}, "gone");
    EXPECT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_EQ(guests(), 0U);
}

TEST_F(LifecycleTest, Dom0IsNoGuest) {
    start();
    auto client = connect();
    for (const char* method :
         {"domain.pause", "domain.destroy", "domain.shutdown", "domain.unpause", "domain.reboot"})
        EXPECT_EQ(error_code(client.call(method, {{"domid", 0}})), "unsupported") << method;
}

TEST_F(LifecycleTest, AGuestThatDoesNotListenIsNotAsked) {
    start();
    auto client = connect();
    create(client, "web");
    EXPECT_EQ(error_code(client.call("domain.shutdown", {{"name", "web"}})), "bad_state");
}

TEST_F(LifecycleTest, AShutdownRequestReachesTheGuest) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const std::string control = "/local/domain/" + std::to_string(id.value()) + "/control/";
    fake::FakeStore store{xen_};
    store.write(control + "feature-poweroff", "1");
    EXPECT_TRUE(client.call("domain.shutdown", {{"name", "web"}}).contains("result"));
    EXPECT_EQ(store.read(control + "shutdown"), "poweroff");
}

TEST_F(LifecycleTest, PoweroffDestroysByDefault) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    guest_ends(id, kPoweroff);
    const auto reply = wait(client, {{"name", "web"}}, "gone");
    EXPECT_EQ(reply.at("result").at("reached"), "gone");
    EXPECT_EQ(reply.at("result").at("shutdown_reason"), "poweroff");
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(LifecycleTest, AForcedShutdownNeedsNoGuest) {
    start();
    auto client = connect();
    create(client, "web");
    EXPECT_TRUE(
        client.call("domain.shutdown", {{"name", "web"}, {"force", true}}).contains("result"));
    board_->fire("@releaseDomain");
    EXPECT_TRUE(wait(client, {{"name", "web"}}, "gone").contains("result"));
}

TEST_F(LifecycleTest, RebootKeepsNameAndUuidAndTakesANewDomid) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const auto uuid = status(client, "web").at("uuid");
    guest_ends(id, kReboot);
    EXPECT_TRUE(wait(client, {{"uuid", uuid}}, "shutdown").contains("result"));
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "web");
        return now.contains("domid") && now.at("domid") != id.value() && now.at("operation") == "";
    }));
    EXPECT_EQ(status(client, "web").at("uuid"), uuid);
    EXPECT_EQ(status(client, "web").at("paused"), false);
    EXPECT_EQ(guests(), 1U);
    EXPECT_EQ(state_files(), 1U);
}

TEST_F(LifecycleTest, GoneIsNotReachedByARestart) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    auto waiter = connect();
    waiter.request("gone", "domain.wait", {{"name", "web"}});
    waiter.request("go", "system.ping");
    EXPECT_EQ(waiter.reply().value().at("id"), "go");
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "web");
        return now.contains("domid") && now.at("domid") != id.value();
    }));
    EXPECT_TRUE(eventually([&] {
        return client.call("domain.destroy", {{"name", "web"}}).contains("result");
    }));
    EXPECT_EQ(waiter.reply().value().at("result").at("reached"), "gone");
}

TEST_F(LifecycleTest, ARestartThatCannotBeDoneLeavesNothing) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    std::filesystem::remove(kernel_);
    guest_ends(id, kReboot);
    EXPECT_TRUE(wait(client, {{"name", "web"}}, "gone").contains("result"));
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(LifecycleTest, PreserveLeavesTheEndedDomainThere) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", "on_crash = \"preserve\"\n");
    guest_ends(id, kCrash);
    const auto reply = wait(client, {{"name", "web"}}, "shutdown");
    EXPECT_EQ(reply.at("result").at("shutdown_reason"), "crash");
    EXPECT_EQ(error_code(client.call("domain.wait", {{"name", "web"}, {"timeout_ms", 20}})),
              "timeout");
    EXPECT_EQ(status(client, "web").at("state"), "shutdown");
    EXPECT_EQ(guests(), 1U);
    EXPECT_TRUE(client.call("domain.destroy", {{"name", "web"}}).contains("result"));
}

TEST_F(LifecycleTest, ASuspendedGuestIsLeftAlone) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    guest_ends(id, kSuspend);
    EXPECT_TRUE(wait(client, {{"name", "web"}}, "shutdown").contains("result"));
    EXPECT_EQ(guests(), 1U);
}

TEST_F(LifecycleTest, AnUnknownReasonIsTreatedAsACrash) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    guest_ends(id, 255);
    EXPECT_EQ(wait(client, {{"name", "web"}}, "gone").at("result").at("shutdown_reason"), "255");
}

TEST_F(LifecycleTest, ADomainThatEndsAgainAndAgainIsBrakedAndCanBeDestroyedMeanwhile) {
    options_.quick_end = std::chrono::hours{1};
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    guest_ends(id, kReboot);
    EXPECT_TRUE(wait(client, {{"name", "web"}}, "shutdown").contains("result"));
    EXPECT_EQ(status(client, "web").at("state"), "shutdown");
    EXPECT_TRUE(client.call("domain.destroy", {{"name", "web"}}).contains("result"));
    EXPECT_TRUE(wait(client, {{"name", "web"}}, "gone").contains("result"));
    EXPECT_TRUE(stop());
    EXPECT_EQ(guests(), 0U);
}

TEST_F(LifecycleTest, StoppingDoesNotWaitForABrake) {
    options_.quick_end = std::chrono::hours{1};
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    guest_ends(id, kReboot);
    EXPECT_TRUE(wait(client, {{"name", "web"}}, "shutdown").contains("result"));
    EXPECT_TRUE(stop());
    EXPECT_EQ(guests(), 1U);
    options_.quick_end = std::chrono::milliseconds{0};
    start(); // and the next one takes it up
    auto again = connect();
    EXPECT_TRUE(eventually([&] {
        const auto now = status(again, "web");
        return now.contains("domid") && now.at("domid") != id.value();
    }));
}

TEST_F(LifecycleTest, WaitingHasAnEnd) {
    start();
    auto client = connect();
    create(client, "web");
    const auto reply = client.call("domain.wait", {{"name", "web"}, {"timeout_ms", 5}});
    EXPECT_EQ(error_code(reply), "timeout");
    EXPECT_EQ(reply.at("error").at("data").at("retryable"), true);
    EXPECT_EQ(error_code(client.call("domain.wait", {{"name", "nobody"}})), "not_found");
    EXPECT_EQ(wait(client, {{"name", "web"}}, "running").at("result").at("reached"), "running");
}

TEST_F(LifecycleTest, TheConsoleIsWaitedFor) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const std::string node = "/local/domain/" + std::to_string(id.value()) + "/console/tty";
    client.request(1, "domain.console", {{"name", "web"}});
    ASSERT_TRUE(eventually([&] { return board_->is_watched(node); }));
    fake::FakeStore{xen_}.write(node, "/dev/pts/5");
    board_->fire(node);
    EXPECT_EQ(client.reply().value().at("result").at("tty"), "/dev/pts/5");
    EXPECT_FALSE(board_->is_watched(node));
    EXPECT_EQ(wait(client, {{"name", "web"}}, "console").at("result").at("reached"), "console");
}

TEST_F(LifecycleTest, ForeignDomainsAreListedNamedAndObeyButHaveNoPolicy) {
    foreign_domain(DomId{5}, theirs_, "theirs");
    start();
    auto client = connect();
    EXPECT_EQ(status(client, "theirs").at("managed"), false);
    EXPECT_TRUE(client.call("domain.pause", {{"name", "theirs"}}).contains("result"));
    guest_ends(DomId{5}, kPoweroff);
    EXPECT_TRUE(wait(client, {{"name", "theirs"}}, "shutdown").contains("result"));
    EXPECT_EQ(guests(), 1U);
    EXPECT_TRUE(client.call("domain.destroy", {{"uuid", to_string(theirs_)}}).contains("result"));
    EXPECT_EQ(guests(), 0U);
}

TEST_F(LifecycleTest, ADomainThatXlMakesIsFoundAtOnce) {
    start();
    auto client = connect();
    foreign_domain(DomId{5}, theirs_, "theirs"); // no watch has fired yet
    const auto list = client.call("domain.list").at("result").at("domains");
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[1].at("name"), "theirs");
    EXPECT_EQ(error_code(client.call("domain.create", create_params("theirs"))), "already_exists");
}

TEST_F(LifecycleTest, ARenameByXlIsSeen) {
    foreign_domain(DomId{5}, theirs_, "theirs");
    start();
    auto client = connect();
    fake::FakeStore{xen_}.write("/local/domain/5/name", "renamed");
    board_->fire("/local/domain/5/name");
    EXPECT_TRUE(eventually([&] { return status(client, "renamed").contains("domid"); }));
    create(client, "theirs"); // the old name is free
}

TEST_F(LifecycleTest, ARenameOfOursIsKeptOverARestart) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const std::string node = "/local/domain/" + std::to_string(id.value()) + "/name";
    ASSERT_TRUE(eventually([&] { return board_->is_watched(node); }));
    fake::FakeStore{xen_}.write(node, "shop");
    board_->fire(node);
    EXPECT_TRUE(eventually([&] { return status(client, "shop").contains("domid"); }));
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "shop");
        return now.contains("domid") && now.at("domid") != id.value();
    }));
}

TEST_F(LifecycleTest, ARenameWhilePvhdWasAwayIsKeptOverARestart) {
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

TEST_F(LifecycleTest, XlsDomainWithDisksIsLeftToXl) {
    foreign_domain(DomId{5}, theirs_, "theirs");
    fake::FakeStore{xen_}.write("/libxl/5/device/vbd/51712", "");
    start();
    auto client = connect();
    EXPECT_EQ(error_code(client.call("domain.destroy", {{"name", "theirs"}})), "unsupported");
    EXPECT_EQ(guests(), 1U);
    fake::FakeStore{xen_}.remove("/libxl/5/device/vbd");
    EXPECT_TRUE(client.call("domain.destroy", {{"name", "theirs"}}).contains("result"));
}

TEST_F(LifecycleTest, WhatXlDestroysIsForgotten) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(id);
    }
    board_->fire("@releaseDomain");
    EXPECT_TRUE(wait(client, {{"name", "web"}}, "gone").contains("result"));
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(LifecycleTest, AReusedDomidIsNotMistakenForItsFormerOwner) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(id);
    }
    foreign_domain(id, theirs_, "theirs"); // and no watch has fired
    EXPECT_EQ(error_code(client.call("domain.pause", {{"name", "web"}})), "not_found");
    client.call("domain.destroy", {{"name", "web"}});
    EXPECT_EQ(guests(), 1U); // theirs
}

TEST_F(LifecycleTest, TextOfGuestsBecomesValidUtf8) {
    foreign_domain(DomId{5}, theirs_, "a\xff\xfe\x1b[2J");
    start();
    auto client = connect();
    const auto list = client.call("domain.list").at("result").at("domains");
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[1].at("name"), "a\xef\xbf\xbd\xef\xbf\xbd\x1b[2J");
}

TEST_F(LifecycleTest, TwoForeignDomainsOfOneNameAreToldApartByUuid) {
    foreign_domain(DomId{5}, theirs_, "twin");
    foreign_domain(DomId{6}, random_uuid(), "twin");
    start();
    auto client = connect();
    EXPECT_EQ(error_code(client.call("domain.get", {{"name", "twin"}})), "conflict");
    EXPECT_TRUE(client.call("domain.get", {{"domid", 6}}).contains("result"));
}

TEST_F(LifecycleTest, ARestartedDaemonAdoptsItsDomains) {
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

TEST_F(LifecycleTest, AFileWithoutDomainIsForgottenAtTheStart) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    EXPECT_TRUE(stop());
    xen_.domains.erase(id);
    start();
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(LifecycleTest, ABuildThatWasCutShortIsRolledBackAtTheStart) {
    start();
    auto client = connect();
    create(client, "web");
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

} // namespace
} // namespace pvh::test
