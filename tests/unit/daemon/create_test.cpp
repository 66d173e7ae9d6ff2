// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.create from the client's request to a running domain, and everything that can come in
// between.
#include "tests/unit/daemon/running_daemon.h"

#include <string>

#include <gtest/gtest.h>

namespace pvh::test {
namespace {

class CreateTest : public DaemonTest {};

TEST_F(CreateTest, ADomainRunsIsRememberedAndHasAnIdentity) {
    start();
    auto client = connect();
    const auto reply = client.call("domain.create", create_params("web"));
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_EQ(reply.at("result").at("name"), "web");
    EXPECT_FALSE(reply.at("result").contains("timeline") &&
                 !reply.at("result").at("timeline").empty());
    const DomId id{reply.at("result").at("domid").get<std::uint16_t>()};
    EXPECT_TRUE(xen_.domains.at(id).has_run);
    EXPECT_EQ(state_files(), 1U);
    const auto got = client.call("domain.get", {{"name", "web"}}).at("result");
    EXPECT_EQ(got.at("status").at("uuid"), reply.at("result").at("uuid"));
    EXPECT_EQ(got.at("status").at("managed"), true);
    EXPECT_EQ(got.at("spec").at("memory_mib"), 64);
}

TEST_F(CreateTest, APausedOneIsLeftPaused) {
    start();
    auto client = connect();
    auto params = create_params("web");
    params["paused"] = true;
    const auto reply = client.call("domain.create", params);
    const DomId id{reply.at("result").at("domid").get<std::uint16_t>()};
    EXPECT_FALSE(xen_.domains.at(id).has_run);
    EXPECT_EQ(client.call("domain.get", {{"name", "web"}}).at("result").at("status").at("state"),
              "paused");
}

TEST_F(CreateTest, ATraceTellsTheStages) {
    start();
    auto client = connect();
    auto params = create_params("web");
    params["trace"] = true;
    const auto reply = client.call("domain.create", params);
    const auto& timeline = reply.at("result").at("timeline");
    ASSERT_GE(timeline.size(), 5U);
    EXPECT_EQ(timeline.front().at("stage"), "config");
    EXPECT_EQ(timeline.back().at("stage"), "unpause");
}

TEST_F(CreateTest, ABadConfigIsRefusedWithItsPlace) {
    start();
    auto client = connect();
    const auto reply = client.call(
        "domain.create",
        {{"config", "name = \"x\"\nmemroy = 1\n"}, {"config_name", "a.cfg"}, {"directory", "/"}});
    EXPECT_EQ(error_code(reply), "invalid_config");
    EXPECT_NE(reply.at("error").at("message").get<std::string>().find("a.cfg:2:"),
              std::string::npos)
        << reply.dump();
}

TEST_F(CreateTest, TakesTheSpecThatAPlanTells) {
    start();
    auto client = connect();
    const auto spec = client.call("domain.plan", create_params("web")).at("result").at("spec");
    const auto reply = client.call("domain.create", {{"spec", spec}});
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_EQ(reply.at("result").at("uuid"), spec.at("uuid"));
    EXPECT_EQ(client.call("domain.get", {{"name", "web"}}).at("result").at("spec"), spec);
}

TEST_F(CreateTest, HoldsASpecAgainstTheRulesOfConfigs) {
    start();
    auto client = connect();
    const auto refused = [&](const nlohmann::json& spec) {
        return error_code(client.call("domain.create", {{"spec", spec}}));
    };
    EXPECT_EQ(refused({{"name", "web"}, {"kernel", "relative"}}), "invalid_config");
    EXPECT_EQ(refused({{"name", "a/b"}, {"kernel", "/k"}}), "invalid_config");
    EXPECT_EQ(refused({{"name", "web"}, {"kernel", "/k"}, {"vcpus", 4096}}), "invalid_config");
    EXPECT_EQ(guests(), 0U);
}

TEST_F(CreateTest, RefusesUnknownOptionsWhenStrict) {
    start();
    auto client = connect();
    auto params = create_params("web");
    params["config"] = params.at("config").get<std::string>() + "\nmemroy = 1\n";
    params["strict"] = true;
    EXPECT_EQ(error_code(client.call("domain.create", params)), "invalid_config");
    params["strict"] = false;
    EXPECT_TRUE(client.call("domain.create", params).contains("result"));
}

TEST_F(CreateTest, ARelativeDirectoryIsRefused) {
    start();
    auto params = create_params("web");
    params["directory"] = "here";
    EXPECT_EQ(rpc_code(connect().call("domain.create", params)), -32602);
}

TEST_F(CreateTest, AMissingKernelLeavesNothing) {
    start();
    kernel_ = "/nonexistent";
    auto client = connect();
    const auto reply = client.call("domain.create", create_params("web"));
    EXPECT_EQ(error_code(reply), "not_found");
    EXPECT_EQ(reply.at("error").at("data").at("stage"), "kernel");
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(CreateTest, TooLittleHostMemoryIsSaidAtOnce) {
    start();
    xen_.free_pages = 1000;
    EXPECT_EQ(error_code(connect().call("domain.create", create_params("web"))), "no_memory");
    EXPECT_EQ(guests(), 0U);
}

TEST_F(CreateTest, WhicheverCallFailsNothingRemains) {
    start();
    auto client = connect();
    const auto nodes_before = xen_.nodes.size();
    for (int k = 1; k <= 80; ++k) {
        {
            const std::lock_guard lock{xen_.mutex};
            xen_.fail_call(k);
        }
        const auto reply = client.call("domain.create", create_params("web"));
        {
            const std::lock_guard lock{xen_.mutex};
            xen_.fail_call(0);
        }
        if (reply.contains("result")) {
            ASSERT_TRUE(client.call("domain.destroy", {{"name", "web"}}).contains("result"));
        } else {
            ASSERT_EQ(guests(), 0U) << "call " << k << " of " << reply.dump();
        }
        ASSERT_EQ(state_files(), 0U) << k;
        const std::lock_guard lock{xen_.mutex};
        ASSERT_EQ(xen_.nodes.size(), nodes_before) << k;
        ASSERT_EQ(xen_.live_mappings, 0) << k;
    }
}

TEST_F(CreateTest, AFullDiskLeavesNothing) {
    start();
    std::filesystem::remove_all(options_.state_dir);
    EXPECT_EQ(error_code(connect().call("domain.create", create_params("web"))), "internal");
    EXPECT_EQ(guests(), 0U);
}

TEST_F(CreateTest, TheSameNameTwiceIsRefused) {
    start();
    auto client = connect();
    create(client, "web");
    const auto reply = client.call("domain.create", create_params("web"));
    EXPECT_EQ(error_code(reply), "already_exists");
    EXPECT_EQ(guests(), 1U);
}

TEST_F(CreateTest, TheSameNameWhileTheFirstIsBuiltIsRefusedAtOnce) {
    start();
    gate_.close();
    auto first = connect();
    first.request(1, "domain.create", create_params("web"));
    ASSERT_TRUE(gate_.wait_for(1));
    EXPECT_EQ(error_code(connect().call("domain.create", create_params("web"))), "already_exists");
    gate_.open();
    EXPECT_TRUE(first.reply().value().contains("result"));
}

TEST_F(CreateTest, WhoIsBeingCreatedCanBeWaitedFor) {
    start();
    gate_.close();
    auto first = connect();
    first.request(1, "domain.create", create_params("web"));
    ASSERT_TRUE(gate_.wait_for(1));
    auto waiter = connect();
    waiter.request("running", "domain.wait", {{"name", "web"}, {"until", "running"}});
    waiter.request("go", "system.ping");
    EXPECT_EQ(waiter.reply().value().at("id"), "go");
    EXPECT_EQ(error_code(connect().call(
                  "domain.wait", {{"name", "web"}, {"until", "running"}, {"timeout_ms", 5}})),
              "timeout");
    gate_.open();
    EXPECT_EQ(waiter.reply().value().at("result").at("reached"), "running");
    EXPECT_TRUE(first.reply().value().contains("result"));
}

TEST_F(CreateTest, TheSameUuidIsRefused) {
    start();
    auto client = connect();
    const std::string uuid = "uuid = \"12345678-9abc-def0-1234-56789abcdef0\"\n";
    create(client, "web", uuid);
    EXPECT_EQ(error_code(client.call("domain.create", create_params("db", uuid))),
              "already_exists");
}

TEST_F(CreateTest, QueriesAreAnsweredWhileEveryBuilderIsHeld) {
    start();
    gate_.close();
    auto client = connect();
    client.request("a", "domain.create", create_params("a"));
    client.request("b", "domain.create", create_params("b"));
    ASSERT_TRUE(gate_.wait_for(2));
    client.request("list", "domain.list");
    const auto reply = client.reply().value();
    EXPECT_EQ(reply.at("id"), "list"); // overtakes on the same connection
    const auto& domains = reply.at("result").at("domains");
    ASSERT_EQ(domains.size(), 3U);
    EXPECT_EQ(domains[1].at("operation"), "create");
    EXPECT_EQ(domains[1].at("managed"), true);
    EXPECT_NE(domains[1].at("name"), "");
    gate_.open();
    EXPECT_TRUE(client.reply().value().contains("result"));
    EXPECT_TRUE(client.reply().value().contains("result"));
}

TEST_F(CreateTest, NobodyTouchesADomainThatIsBeingBuilt) {
    start();
    gate_.close();
    auto first = connect();
    first.request(1, "domain.create", create_params("web"));
    ASSERT_TRUE(gate_.wait_for(1));
    auto second = connect();
    EXPECT_EQ(error_code(second.call("domain.destroy", {{"name", "web"}})), "busy");
    gate_.open();
    EXPECT_TRUE(first.reply().value().contains("result"));
}

TEST_F(CreateTest, AClientThatDiesMidwayDoesNotStopIt) {
    start();
    gate_.close();
    auto client = connect();
    client.request(1, "domain.create", create_params("web"));
    ASSERT_TRUE(gate_.wait_for(1));
    client.close();
    gate_.open();
    auto other = connect();
    EXPECT_TRUE(eventually([&] {
        return other.call("domain.get", {{"name", "web"}}).contains("result");
    }));
    EXPECT_TRUE(
        other.call("domain.wait", {{"name", "web"}, {"until", "running"}}).contains("result"));
    EXPECT_EQ(state_files(), 1U);
}

TEST_F(CreateTest, StoppingLetsItFinishAndAnswers) {
    start();
    gate_.close();
    auto client = connect();
    client.request(1, "domain.create", create_params("web"));
    ASSERT_TRUE(gate_.wait_for(1));
    daemon_->stop();
    EXPECT_TRUE(eventually([&] { return !connect().is_open(); }));
    gate_.open();
    EXPECT_TRUE(client.reply().value().contains("result"));
    EXPECT_TRUE(join());
    EXPECT_EQ(guests(), 1U);
}

TEST_F(CreateTest, StoppingWaitsOnlySoLong) {
    options_.stop_patience = std::chrono::milliseconds{20};
    start();
    gate_.close();
    auto client = connect();
    client.request(1, "domain.create", create_params("web"));
    ASSERT_TRUE(gate_.wait_for(1));
    daemon_->stop();
    thread_.join();
    EXPECT_FALSE(is_drained_);
    gate_.open(); // or its thread would never end
    daemon_.reset();
}

TEST_F(CreateTest, APlanTellsAndTouchesNothing) {
    start();
    const auto calls_before = guests();
    const auto plan = connect().call("domain.plan", create_params("web"));
    ASSERT_TRUE(plan.contains("result")) << plan.dump();
    EXPECT_EQ(plan.at("result").at("entry"), kTestEntry);
    EXPECT_EQ(plan.at("result").at("spec").at("name"), "web");
    EXPECT_FALSE(plan.at("result").at("loads").empty());
    EXPECT_FALSE(plan.at("result").at("memory_map").empty());
    EXPECT_GE(plan.at("result").at("needed_kib").get<unsigned>(), 64U * 1024);
    EXPECT_EQ(guests(), calls_before);
    EXPECT_EQ(state_files(), 0U);
}

} // namespace
} // namespace pvh::test
