// SPDX-License-Identifier: LGPL-2.1-or-later
// The daemon as its clients see it, well-behaved and not.
#include "daemon/dispatch.h"
#include "rpc/limits.h"
#include "rpc/methods.h"
#include "tests/unit/daemon/running_daemon.h"

#include <csignal>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pvh::test {
namespace {

class ServerTest : public DaemonTest {};

TEST_F(ServerTest, EveryMethodOfTheTableHasAHandler) {
    for (const auto& method : rpc::methods())
        EXPECT_TRUE(daemon::has_handler(method.name)) << method.name;
}

TEST_F(ServerTest, AnswersAPing) {
    start();
    auto client = connect();
    EXPECT_TRUE(client.call("system.ping").at("result").contains("version"));
}

TEST_F(ServerTest, DescribesItself) {
    start();
    auto client = connect();
    EXPECT_EQ(client.call("rpc.discover").at("result").at("methods").size(), rpc::methods().size());
}

TEST_F(ServerTest, TellsOfTheHost) {
    start();
    auto client = connect();
    const auto info = client.call("system.info").at("result");
    EXPECT_EQ(info.at("xen_major"), 4);
    EXPECT_EQ(info.at("api_major"), 1);
    EXPECT_EQ(info.at("hw_caps").get<std::string>().size(), 8U * 8 + 7);
}

TEST_F(ServerTest, AnUnknownMethodIsAnErrorWithTheNearest) {
    start();
    auto client = connect();
    const auto reply = client.call("domain.lits");
    EXPECT_EQ(rpc_code(reply), -32601);
    EXPECT_NE(reply.at("error").at("message").get<std::string>().find("domain.list"),
              std::string::npos);
}

TEST_F(ServerTest, AMalformedLineIsAnsweredAndTheConnectionLives) {
    start();
    auto client = connect();
    client.send("{this is no json\n\n  \r\n");
    const auto reply = client.reply().value();
    EXPECT_EQ(rpc_code(reply), -32700);
    EXPECT_TRUE(reply.at("id").is_null());
    EXPECT_TRUE(client.call("system.ping").contains("result"));
}

TEST_F(ServerTest, HostileLinesAreAnsweredAndTheDaemonLives) {
    start();
    auto client = connect();
    const std::vector<std::pair<std::string, int>> lines{
        {std::string(1'000'000, '['), -32600},
        {"[" + std::string(900'000, ',') + "]", -32600},
        {R"({"jsonrpc":"2.0","id":1,"id":2,"method":"system.ping"})", -32600},
        {R"({"jsonrpc":"2.0","id":[1],"method":"system.ping"})", -32600},
        {R"({"jsonrpc":"2.0","id":1,"method":"system.ping","params":{"x":NaN}})", -32700},
        {R"({"jsonrpc":"2.0","id":1,"method":"domain.get","params":{"domid":18446744073709551616}})",
         -32602},
        {R"({"jsonrpc":"2.0","id":1,"method":"domain.get","params":{"nam":"x"}})", -32602},
        {R"({"jsonrpc":"2.0","id":1,"method":"domain.get","params":["x"]})", -32602},
        {R"({"jsonrpc":"2.0","id":1,"method":"domain.wait","params":{"name":"x","until":"later"}})",
         -32602},
        {"[]", -32600},
        {"\xff\xfe", -32700}};
    for (const auto& [line, code] : lines) {
        client.send(line + "\n");
        EXPECT_EQ(rpc_code(client.reply().value()), code) << line.substr(0, 80);
    }
    EXPECT_TRUE(client.call("system.ping").contains("result"));
}

TEST_F(ServerTest, AnOversizeLineIsAnsweredAndEndsTheConnection) {
    start();
    auto client = connect();
    client.send(std::string(rpc::kMaxLine + 1, 'x'));
    const auto reply = client.reply().value();
    EXPECT_EQ(rpc_code(reply), -32600);
    EXPECT_TRUE(client.is_hung_up());
    EXPECT_TRUE(connect().call("system.ping").contains("result"));
}

TEST_F(ServerTest, ALineThatIsNeverEndedEndsTheConnection) {
    options_.limits.partial_line = std::chrono::milliseconds{20};
    start();
    auto client = connect();
    client.send("{\"jsonrpc\"");
    EXPECT_TRUE(client.is_hung_up());
}

TEST_F(ServerTest, AClientThatDoesNotReadIsDropped) {
    options_.limits.write_queue = 256UL * 1024;
    start();
    auto client = connect();
    const std::string request = R"({"jsonrpc":"2.0","id":1,"method":"rpc.discover"})"
                                "\n";
    bool is_dropped = false;
    for (int i = 0; i < 100'000 && !is_dropped; ++i)
        is_dropped = !client.send(request);
    EXPECT_TRUE(is_dropped);
    EXPECT_TRUE(connect().call("system.ping").contains("result"));
}

TEST_F(ServerTest, ABatchIsAnsweredAsOneWithoutItsNotifications) {
    start();
    auto client = connect();
    client.send(
        R"([{"jsonrpc":"2.0","id":1,"method":"system.ping"},7,)"
        R"({"jsonrpc":"2.0","method":"system.ping"},{"jsonrpc":"2.0","id":2,"method":"nope"}])"
        "\n");
    const auto replies = client.reply().value();
    ASSERT_EQ(replies.size(), 3U);
    std::set<std::string> ids;
    for (const auto& reply : replies)
        ids.insert(reply.at("id").dump());
    EXPECT_EQ(ids, (std::set<std::string>{"1", "2", "null"}));
}

TEST_F(ServerTest, AnswersOfABatchThatAreTooLargeTogetherAreErrors) {
    options_.limits.write_queue = 1000;
    start();
    auto client = connect();
    nlohmann::json batch = nlohmann::json::array();
    for (int i = 0; i < 20; ++i)
        batch.push_back({{"jsonrpc", "2.0"}, {"id", i}, {"method", "system.ping"}});
    client.send(batch.dump() + "\n");
    const auto replies = client.reply().value();
    ASSERT_EQ(replies.size(), 20U);
    EXPECT_TRUE(replies.front().contains("result"));
    EXPECT_EQ(error_code(replies.back()), "unsupported");
    EXPECT_TRUE(client.call("system.ping").contains("result"));
}

TEST_F(ServerTest, WhoHangsUpKeepsItsPlaceUntilItsWorkIsDone) {
    options_.admission.max_connections = 1;
    start();
    gate_.close();
    {
        auto client = connect();
        client.request(1, "domain.create", create_params("web"));
        // Its ping is answered in between, so the first one has been taken up.
        EXPECT_TRUE(client.call("system.ping").contains("result"));
    }
    EXPECT_EQ(error_code(connect().reply().value()), "busy");
    gate_.open();
    EXPECT_TRUE(eventually([&] { return connect().call("system.ping").contains("result"); }));
    EXPECT_EQ(guests(), 1U);
}

TEST_F(ServerTest, NotificationsAreNeverAnswered) {
    start();
    auto client = connect();
    client.send(
        "{\"jsonrpc\":\"2.0\",\"method\":\"nope\"}\n[{\"jsonrpc\":\"2.0\",\"method\":"
        "\"system.ping\"}]\n{\"jsonrpc\":\"2.0\",\"method\":\"system.ping\",\"params\":[]}\n");
    client.request("after", "system.ping");
    EXPECT_EQ(client.reply().value().at("id"), "after");
}

TEST_F(ServerTest, AHundredPipelinedRequestsAreAllAnswered) {
    start();
    auto client = connect();
    for (int i = 0; i < 100; ++i)
        client.request(i, "domain.list");
    std::set<int> ids;
    for (int i = 0; i < 100; ++i)
        ids.insert(client.reply().value().at("id").get<int>());
    EXPECT_EQ(ids.size(), 100U);
}

TEST_F(ServerTest, WhoHasSentAllStillGetsTheAnswers) {
    start();
    auto client = connect();
    client.request(1, "system.ping");
    client.request(2, "domain.list");
    client.half_close();
    EXPECT_TRUE(client.reply().has_value());
    EXPECT_TRUE(client.reply().has_value());
    EXPECT_TRUE(client.is_hung_up());
}

TEST_F(ServerTest, TheConnectionAfterTheLastIsTurnedAwayPolitely) {
    start();
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < rpc::kMaxConnections; ++i)
        clients.push_back(connect());
    auto surplus = connect();
    const auto reply = surplus.reply().value();
    EXPECT_EQ(error_code(reply), "busy");
    EXPECT_TRUE(reply.at("id").is_null());
    EXPECT_TRUE(surplus.is_hung_up());
    EXPECT_TRUE(clients.front().call("system.ping").contains("result"));
    EXPECT_TRUE(clients.back().call("system.ping").contains("result"));
}

TEST_F(ServerTest, AConnectionWhoseClientWentAwayWhileWaitingIsFreed) {
    options_.admission.max_connections = 1;
    start();
    {
        auto client = connect();
        client.request(1, "domain.wait", {{"domid", 0}});
    }
    EXPECT_TRUE(eventually([&] { return connect().call("system.ping").contains("result"); }));
}

TEST_F(ServerTest, TheSameIfItHadMoreUnderWayThanIsReadAtATime) {
    options_.admission.max_connections = 1;
    start();
    {
        auto client = connect();
        for (int i = 0; i < 70; ++i)
            client.request(i, "domain.wait", {{"domid", 0}});
    }
    EXPECT_TRUE(eventually([&] { return connect().call("system.ping").contains("result"); }));
}

TEST_F(ServerTest, WhoIsNobodyIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    start();
    ASSERT_EQ(::chmod((folder_ / "").c_str(), 0755), 0);
    ASSERT_EQ(::chmod(options_.socket.c_str(), 0666), 0);
    std::thread{[&] {
        // The system call itself changes this thread alone.
        ASSERT_EQ(::syscall(SYS_setresuid, 12345, 12345, 12345), 0);
        auto client = connect();
        ASSERT_TRUE(client.is_open());
        EXPECT_EQ(error_code(client.reply().value()), "permission_denied");
        EXPECT_TRUE(client.is_hung_up());
    }}.join();
}

TEST_F(ServerTest, TheSocketIsForOwnerAndGroup) {
    start();

    struct stat st {};

    ASSERT_EQ(::stat(options_.socket.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777U, 0660U);
}

TEST_F(ServerTest, ASecondDaemonOnTheSocketSaysWhoHasIt) {
    start();
    auto second = options_;
    second.state_dir = folder_ / "other";
    try {
        const daemon::Daemon daemon{second, access()};
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::busy);
        EXPECT_NE(std::string{e.what()}.find("pid " + std::to_string(::getpid())),
                  std::string::npos)
            << e.what();
    }
    EXPECT_TRUE(connect().call("system.ping").contains("result"));
}

TEST_F(ServerTest, ASecondDaemonOnTheStateFolderIsRefused) {
    start();
    auto second = options_;
    second.socket = folder_ / "other.sock";
    EXPECT_THROW((daemon::Daemon{second, access()}), Error);
}

TEST_F(ServerTest, ASocketThatADeadDaemonLeftIsReplaced) {
    start();
    ASSERT_EQ(::link(options_.socket.c_str(), (folder_ / "saved").c_str()), 0);
    stop();
    ASSERT_EQ(::rename((folder_ / "saved").c_str(), options_.socket.c_str()), 0);
    start();
    EXPECT_TRUE(connect().call("system.ping").contains("result"));
}

TEST_F(ServerTest, WhatIsNoSocketIsNotReplaced) {
    options_.socket = folder_.file("precious", bytes_of_text("data"));
    EXPECT_THROW((daemon::Daemon{options_, access()}), Error);
    EXPECT_TRUE(std::filesystem::exists(options_.socket));
}

TEST_F(ServerTest, StoppingEndsConnectionsAndRemovesTheSocket) {
    start();
    auto client = connect();
    EXPECT_TRUE(client.call("system.ping").contains("result"));
    EXPECT_TRUE(stop());
    EXPECT_TRUE(client.is_hung_up());
    EXPECT_FALSE(std::filesystem::exists(options_.socket));
}

TEST_F(ServerTest, ATermSignalStopsIt) {
    board_ = std::make_unique<WatchBoard>();
    daemon_.emplace(options_, access());
    daemon_->stop_on_signals();
    thread_ = std::thread{[this] { is_drained_ = daemon_->run(); }};
    EXPECT_TRUE(connect().call("system.ping").contains("result"));
    ::kill(::getpid(), SIGTERM);
    EXPECT_TRUE(join());
}

TEST_F(ServerTest, StoppingCancelsThoseWhoWait) {
    start();
    auto client = connect();
    client.request(1, "domain.wait", {{"domid", 0}});
    client.request(2, "system.ping"); // answered after the wait has begun
    EXPECT_EQ(client.reply().value().at("id"), 2);
    EXPECT_TRUE(stop());
    EXPECT_EQ(error_code(client.reply().value()), "cancelled");
}

} // namespace
} // namespace pvh::test
