// SPDX-License-Identifier: LGPL-2.1-or-later
// What clients ask of domains that were made.
#include "tests/unit/daemon/running_daemon.h"

#include <string>

#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using LifecycleTest = DaemonTest;

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

TEST_F(LifecycleTest, AForcedShutdownNeedsNoGuest) {
    start();
    auto client = connect();
    create(client, "web");
    EXPECT_TRUE(
        client.call("domain.shutdown", {{"name", "web"}, {"force", true}}).contains("result"));
    board_->fire("@releaseDomain");
    EXPECT_TRUE(wait(client, {{"name", "web"}}, "gone").contains("result"));
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

} // namespace
} // namespace pvh::test
