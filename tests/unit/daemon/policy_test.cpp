// SPDX-License-Identifier: LGPL-2.1-or-later
// What pvhd does on its own when a domain ends.
#include "tests/unit/daemon/running_daemon.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

class PolicyTest : public DaemonTest {
  protected:
    /// The domain between two lives that domain.list tells of; without a remark, an empty object.
    static nlohmann::json restarting(RawClient& client) {
        const auto reply = client.call("domain.list");
        for (const auto& domain : reply.at("result").at("domains"))
            if (domain.at("state") == "restarting" && domain.at("remark") != "") return domain;
        return nlohmann::json::object();
    }

    /// Whose next answer is that of the wait, with the id "gone".
    [[nodiscard]] RawClient waits_for_the_end_of_web() const {
        RawClient waiter = connect();
        waiter.request("gone", "domain.wait", {{"name", "web"}});
        waiter.request("go", "system.ping");
        EXPECT_EQ(waiter.reply().value().at("id"), "go");
        return waiter;
    }
};

TEST_F(PolicyTest, PoweroffDestroysByDefault) {
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

TEST_F(PolicyTest, AnEndBeforeTheCreateIsAnsweredIsNotMissed) {
    start();
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.before_call = [this] { // as soon as anybody asks for it, and no watch fires
            const auto web = xen_.domains.find(DomId{1});
            if (web != xen_.domains.end() && xen_.calls.back() == "store.read /local/domain/1/name")
                web->second.shutdown_reason = kPoweroff;
        };
    }
    auto client = connect();
    EXPECT_EQ(create(client, "web"), DomId{1});
    EXPECT_TRUE(eventually([&] { return guests() == 0; }));
}

TEST_F(PolicyTest, RebootKeepsNameAndUuidAndTakesANewDomid) {
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

TEST_F(PolicyTest, GoneIsNotReachedByARestart) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    auto waiter = waits_for_the_end_of_web();
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "web");
        return now.contains("domid") && now.at("domid") != id.value();
    }));
    EXPECT_TRUE(client.call("domain.destroy", {{"name", "web"}}).contains("result"));
    EXPECT_EQ(waiter.reply().value().at("result").at("reached"), "gone");
}

TEST_F(PolicyTest, GoneTellsWhyTheLastLifeEnded) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    auto waiter = waits_for_the_end_of_web();
    guest_ends(id, kReboot);
    DomId next;
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "web");
        if (!now.contains("domid") || now.at("domid") == id.value()) return false;
        next = DomId{now.at("domid").get<std::uint16_t>()};
        return now.at("operation") == "";
    }));
    guest_ends(next, kPoweroff);
    EXPECT_EQ(waiter.reply().value().at("result").at("shutdown_reason"), "poweroff");
}

TEST_F(PolicyTest, ADestroyWaitsForARestartAndEndsItsDomain) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    gate_.close();
    guest_ends(id, kReboot);
    ASSERT_TRUE(gate_.wait_for(1)); // the new domain is being built
    auto destroyer = connect();
    destroyer.request("end", "domain.destroy", {{"name", "web"}});
    EXPECT_EQ(error_code(client.call("domain.pause", {{"name", "web"}})), "busy");
    gate_.open();
    const auto reply = destroyer.reply().value();
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_NE(reply.at("result").at("domid"), id.value());
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(PolicyTest, ARestartThatFailsIsTriedAgain) {
    options_.restart_retry = std::chrono::milliseconds{10};
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    std::filesystem::rename(kernel_, kernel_ + ".away");
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] { return restarting(client).contains("remark"); }));
    EXPECT_EQ(restarting(client).at("name"), "web");
    EXPECT_EQ(restarting(client).at("domid"), kNoDomain.value());
    EXPECT_EQ(state_files(), 1U);
    EXPECT_EQ(client.call("domain.vcpus", {{"name", "web"}}).at("result").at("domains").size(), 0U);
    const auto refused = client.call("domain.create", create_params("web"));
    EXPECT_EQ(error_code(refused), "already_exists");
    EXPECT_THAT(refused.at("error").at("message"), testing::HasSubstr("is being restarted: "));
    std::filesystem::rename(kernel_ + ".away", kernel_);
    EXPECT_TRUE(eventually([&] { return status(client, "web").value("paused", true) == false; }));
    EXPECT_EQ(guests(), 1U);
}

TEST_F(PolicyTest, ADestroyCallsOffARestartThatFails) {
    start(); // the next attempt would be in 10 s
    auto client = connect();
    const DomId id = create(client, "web");
    std::filesystem::remove(kernel_);
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] { return restarting(client).contains("remark"); }));
    const auto reply = client.call("domain.destroy", {{"name", "web"}});
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_EQ(reply.at("result").at("name"), "web");
    EXPECT_TRUE(wait(client, {{"uuid", reply.at("result").at("uuid")}}, "gone").contains("result"));
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(PolicyTest, ABrakedDomainSaysSo) {
    options_.quick_end = std::chrono::hours{1};
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] { return status(client, "web").value("remark", "") != ""; }));
    EXPECT_NE(status(client, "web").at("remark").get<std::string>().find("restarting it in 1 s"),
              std::string::npos);
}

TEST_F(PolicyTest, PreserveLeavesTheEndedDomainThere) {
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

TEST_F(PolicyTest, ASuspendedGuestIsLeftAlone) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    guest_ends(id, kSuspend);
    EXPECT_TRUE(wait(client, {{"name", "web"}}, "shutdown").contains("result"));
    EXPECT_EQ(guests(), 1U);
}

TEST_F(PolicyTest, AnUnknownReasonIsTreatedAsACrash) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    guest_ends(id, 255);
    EXPECT_EQ(wait(client, {{"name", "web"}}, "gone").at("result").at("shutdown_reason"), "255");
}

TEST_F(PolicyTest, ADomainThatEndsAgainAndAgainIsBrakedAndCanBeDestroyedMeanwhile) {
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

TEST_F(PolicyTest, StoppingDoesNotWaitForABrake) {
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

TEST_F(PolicyTest, ARenameOfOursIsKeptOverARestart) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const std::string node = "/local/domain/" + std::to_string(id.value()) + "/name";
    const Uuid uuid = *parse_uuid(status(client, "web").at("uuid").get<std::string>());
    fake::FakeStore{xen_}.write(node, "shop");
    board_->fire("/vm/" + to_string(uuid) + "/name");
    EXPECT_TRUE(eventually([&] { return status(client, "shop").contains("domid"); }));
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "shop");
        return now.contains("domid") && now.at("domid") != id.value();
    }));
}

TEST_F(PolicyTest, WhatCannotBeDestroyedStaysAndCanBeDestroyedLater) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls.insert("destroy_domain");
    }
    guest_ends(id, kPoweroff);
    EXPECT_TRUE(eventually([&] {
        const std::lock_guard lock{xen_.mutex};
        return std::count(xen_.calls.begin(), xen_.calls.end(), "destroy_domain") == 1;
    }));
    EXPECT_TRUE(eventually([&] { return status(client, "web").at("operation") == ""; }));
    EXPECT_EQ(status(client, "web").at("state"), "shutdown");
    EXPECT_EQ(state_files(), 1U);
    EXPECT_EQ(error_code(client.call("domain.destroy", {{"name", "web"}})), "xen_error");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls.clear();
    }
    EXPECT_TRUE(client.call("domain.destroy", {{"name", "web"}}).contains("result"));
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(PolicyTest, AFormerLifeThatLingersIsNotItsSuccessor) {
    xen_.keeps_zombies = true;
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "web");
        return now.contains("domid") && now.at("domid") != id.value() && now.at("operation") == "";
    }));
    ASSERT_EQ(guests(), 2U);
    EXPECT_EQ(error_code(client.call("domain.destroy", {{"domid", id.value()}})), "bad_state");
    EXPECT_NE(status(client, "web").at("domid"), id.value());
    EXPECT_EQ(state_files(), 1U);
}

} // namespace
} // namespace pvh::test
