// SPDX-License-Identifier: LGPL-2.1-or-later
// The threat cases of docs/threats.md whose actor is a client, and what of one gets into the log.
#include "daemon/log_setup.h"
#include "daemon/text.h"
#include "libdomain/core/log.h"
#include "rpc/limits.h"
#include "rpc/parse.h"
#include "tests/unit/daemon/running_daemon.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pvh::test {
namespace {

using nlohmann::json;

using Threats = DaemonTest;

constexpr uid_t kUser = 12345;

/// A ping and a descriptor beside it; returns once the answer is there.
void ping_with_descriptor(const std::string& path, int passed) {
    const UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), std::begin(address.sun_path));
    ASSERT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    std::string line = R"({"jsonrpc":"2.0","id":1,"method":"system.ping"})"
                       "\n";
    iovec bytes{.iov_base = line.data(), .iov_len = line.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &passed, sizeof(passed));
    ASSERT_EQ(::sendmsg(fd.get(), &message, MSG_NOSIGNAL), static_cast<ssize_t>(line.size()));
    char answer{};
    ASSERT_EQ(::recv(fd.get(), &answer, 1, 0), 1);
}

TEST_F(Threats, Case09_SurplusDescriptorsAreNotKept) {
    start();
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const UniqueFd reader{ends[0]};
    {
        const UniqueFd writer{ends[1]};
        ping_with_descriptor(options_.socket, writer.get());
    }
    pollfd waiting{.fd = reader.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&waiting, 1, 5'000), 1); // nobody has the other end any more
    EXPECT_NE(waiting.revents & POLLHUP, 0);
}

TEST_F(Threats, Case09_IdleConnectionsMakeRoomWhenTheyAreScarce) {
    options_.limits.idle = std::chrono::milliseconds{0};
    options_.admission.max_connections = 6;
    start();
    auto idle = connect();
    EXPECT_TRUE(idle.call("system.ping").contains("result"));
    auto waits = connect();
    waits.request(1, "domain.wait", {{"domid", 0}});
    waits.request(2, "system.ping");
    EXPECT_EQ(waits.reply().value().at("id"), 2);
    auto listens = connect();
    EXPECT_TRUE(listens.call("events.subscribe").contains("result"));
    auto fourth = connect(); // half of all are in use
    EXPECT_TRUE(fourth.call("system.ping").contains("result"));
    EXPECT_TRUE(idle.is_hung_up());
    EXPECT_TRUE(waits.call("system.ping").contains("result"));
    EXPECT_TRUE(listens.call("system.ping").contains("result"));
}

TEST_F(Threats, Case09_IdleConnectionsStayWhileThereAreEnough) {
    options_.limits.idle = std::chrono::milliseconds{0};
    start();
    auto idle = connect();
    EXPECT_TRUE(idle.call("system.ping").contains("result"));
    EXPECT_TRUE(connect().call("system.ping").contains("result"));
    EXPECT_TRUE(idle.call("system.ping").contains("result"));
}

/// Runs it in a thread of another user. The system call itself changes that thread alone.
void as_other_user(const std::function<void()>& act) {
    std::thread{[&] {
        ASSERT_EQ(::syscall(SYS_setresgid, kUser, kUser, kUser), 0);
        ASSERT_EQ(::syscall(SYS_setresuid, kUser, kUser, kUser), 0);
        act();
    }}.join();
}

class OpenDaemon { // everybody may connect
  public:
    OpenDaemon(const std::string& folder, const std::string& socket) {
        EXPECT_EQ(::chmod(folder.c_str(), 0755), 0);
        EXPECT_EQ(::chmod(socket.c_str(), 0666), 0);
    }
};

TEST_F(Threats, Case09_NoUserTakesMoreThanHalfOfTheConnections) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    options_.admission = {.roles = daemon::Roles{.readers = {.users = {kUser}, .groups = {}},
                                                 .operators = {},
                                                 .admins = {}},
                          .max_connections = 6};
    start();
    const OpenDaemon open{folder_ / "", options_.socket};
    as_other_user([&] {
        std::vector<RawClient> clients;
        for (int i = 0; i < 3; ++i) {
            clients.push_back(connect());
            EXPECT_TRUE(clients.back().call("system.ping").contains("result"));
        }
        auto surplus = connect();
        const auto reply = surplus.reply().value();
        EXPECT_EQ(error_code(reply), "busy");
        EXPECT_NE(reply.dump().find("uid 12345 has 3 of pvhd's 6 connections"), std::string::npos);
    });
}

TEST_F(Threats, Case09_OneUsersConnectionsTakeTurnsAndAllAreAnswered) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    options_.admission.roles =
        daemon::Roles{.readers = {.users = {kUser}, .groups = {}}, .operators = {}, .admins = {}};
    start();
    const OpenDaemon open{folder_ / "", options_.socket};
    as_other_user([&] {
        std::vector<RawClient> clients;
        for (int i = 0; i < 4; ++i)
            clients.push_back(connect());
        json batch = json::array();
        for (int i = 0; i < 30; ++i)
            batch.push_back({{"jsonrpc", "2.0"}, {"id", i}, {"method", "system.ping"}});
        for (RawClient& client : clients) {
            for (int i = 0; i < 30; ++i)
                client.request(i, "domain.list");
            client.send(batch.dump() + "\n");
        }
        clients.erase(clients.begin()); // its turns go to the others
        for (RawClient& client : clients) {
            std::size_t answers = 0;
            for (int i = 0; i < 31; ++i) {
                const json reply = client.reply().value();
                answers += reply.is_array() ? reply.size() : 1;
            }
            EXPECT_EQ(answers, 60U);
        }
    });
    EXPECT_TRUE(connect().call("system.ping").contains("result"));
}

TEST_F(Threats, Case10_AFrameWithoutAnEndIsRefusedAfterAMegabyte) {
    start();
    auto client = connect();
    const std::string chunk(64UL * 1024, 'x');
    std::size_t taken = 0;
    while (taken < 64UL * 1024 * 1024 && client.try_send(chunk))
        taken += chunk.size();
    EXPECT_LT(taken, 4UL * 1024 * 1024); // the limit, and what the kernel holds between us
    EXPECT_TRUE(connect().call("system.ping").contains("result"));
}

TEST_F(Threats, Case10_ABatchOfAMillionIsRefused) {
    start();
    {
        auto client = connect(); // as many as fit into a line
        std::string batch = "[0";
        while (batch.size() < rpc::kMaxLine - 8)
            batch += ",0";
        client.send(batch + "]\n");
        EXPECT_EQ(rpc_code(client.reply().value()), -32600);
        EXPECT_TRUE(client.call("system.ping").contains("result"));
    }
    auto client = connect();
    std::string batch = "[0";
    for (int i = 0; i < 1'000'000; ++i)
        batch += ",0";
    client.try_send(batch + "]\n");
    EXPECT_TRUE(connect().call("system.ping").contains("result"));
}

TEST_F(Threats, Case10_NumbersKeysAndIdsThatNobodyShouldSendAreErrors) {
    start();
    auto client = connect();
    const std::string head = R"({"jsonrpc":"2.0","id":1,"method":"domain.wait","params":)";
    const std::vector<std::pair<std::string, int>> lines{
        {head + R"({"domid":18446744073709551616}})", -32602},
        {head + R"({"domid":-1}})", -32602},
        {head + R"({"domid":65536}})", -32602},
        {head + R"({"domid":1.5}})", -32602},
        {head + R"({"name":"x","timeout_ms":1e300}})", -32602},
        {head + R"({"name":"x","timeout_ms":1e999}})", -32700},
        {head + R"({"name":"x","timeout_ms":NaN}})", -32700},
        {head + R"({"name":"x","timeout_ms":Infinity}})", -32700},
        {head + R"({"name":"x","name":"y"}})", -32600},
        {head + R"({"name":"x","\u006eame":"y"}})", -32600},
        {head + std::string(40, '[') + std::string(40, ']') + "}", -32600},
        {R"({"jsonrpc":"2.0","id":{},"method":"system.ping"})", -32600},
        {R"({"jsonrpc":"2.0","id":1.5,"method":"system.ping"})", -32600},
        {R"({"jsonrpc":"2.0","id":99999999999999999999999,"method":"system.ping"})", -32600},
        {R"({"jsonrpc":"2.0","id":1,"method":"system\u0000ping"})", -32601},
        {R"({"jsonrpc":"2.0","id":1,"method":"domain.list\nforged"})", -32601},
    };
    for (const auto& [line, code] : lines) {
        client.send(line + "\n");
        EXPECT_EQ(rpc_code(client.reply().value()), code) << line;
    }
    EXPECT_TRUE(client.call("system.ping").contains("result"));
}

/// What the daemon logs, as a file would have it, at the level that is the default. To be read once
/// the daemon has stopped.
class CapturedLog {
  public:
    CapturedLog() {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
        sink->set_formatter(daemon::line_format());
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("captured", std::move(sink)));
    }

    CapturedLog(const CapturedLog&) = delete;
    CapturedLog& operator=(const CapturedLog&) = delete;
    CapturedLog(CapturedLog&&) = delete;
    CapturedLog& operator=(CapturedLog&&) = delete;

    ~CapturedLog() { spdlog::set_default_logger(before_); }

    [[nodiscard]] std::string text() const { return text_.str(); }

    [[nodiscard]] std::vector<std::string> lines_with(const std::string& word) const {
        std::istringstream in{text_.str()};
        std::vector<std::string> found;
        for (std::string line; std::getline(in, line);)
            if (line.find(word) != std::string::npos) found.push_back(line);
        return found;
    }

  private:
    std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
    std::ostringstream text_;
};

TEST_F(Threats, Case19_NobodyForgesALineOfTheLog) {
    const CapturedLog log;
    start();
    auto client = connect();
    const std::string forged =
        "\n2026-01-01T00:00:00.000+00:00 info audit pid 1 uid 0 method=forged";
    for (const char* member : {"name", "uuid"})
        client.call("domain.destroy", {{member, "x" + forged}});
    client.call("domain.create", {{"config", config("x" + forged)}, {"config_name", "y" + forged}});
    client.call("domain.list" + forged);
    client.call("domain.pause", {{"name", "x"}, {"mode", "never"}});
    client.call("domain.shutdown", {{"name", "\r\x1b[2K\xc2\x9b"
                                             "2K"}});
    ASSERT_TRUE(stop());
    for (const std::string& line : log.lines_with("method=forged"))
        EXPECT_NE(line.find("method=domain."), std::string::npos) << line; // it is quoted in one
    EXPECT_EQ(log.lines_with("method=forged").size(), 3U) << log.text();
    EXPECT_EQ(log.lines_with("method=domain.pause name=\"x\" result=").size(), 1U) << log.text();
    EXPECT_EQ(log.text().find_first_of("\r\x1b"), std::string::npos);
    EXPECT_EQ(log.text().find("\xc2\x9b"), std::string::npos);
}

TEST_F(Threats, Case19_ALineIsWholeTextHoweverLongTheNames) {
    const CapturedLog log;
    start();
    auto client = connect();
    for (std::size_t length = 70; length < 90; ++length) // wherever it is cut
        client.call("domain.destroy",
                    {{"name", std::string(length, 'n') + "\xc3\xa9\xe2\x82\xac"}});
    ASSERT_TRUE(stop());
    const std::string text = log.text(); // or journalctl would not show it
    EXPECT_EQ(rpc::valid_utf8(text, text.size()), text);
    EXPECT_EQ(log.lines_with("method=domain.destroy").size(), 20U);
}

TEST_F(Threats, Case19_AMessageOfSeveralLinesIsOneEntry) {
    EXPECT_EQ(daemon::log_entry("QEMU said:\n2026 info\x1b[2K\nend"),
              "QEMU said:\n    2026 info\\x1b[2K\n    end");
    const CapturedLog log;
    log::warn("a script said: {}", "no\n2026-01-01T00:00:00.000+00:00 info audit pid 1");
    EXPECT_TRUE(log.lines_with("audit").at(0).starts_with("    2026")) << log.text();
}

TEST_F(Threats, Case19_CommandLinesOfGuestsAreNotLogged) {
    const CapturedLog log;
    start();
    auto client = connect();
    const std::string secret = "extra = \"password=hunter2\"\n";
    const DomId id = create(client, "web", secret);
    client.call("domain.create", create_params("bad", secret + "password=hunter2\n"));
    client.call("domain.create", create_params("worse", "extra = \"password=hunter2\n"));
    client.call("domain.create", create_params("kernelless", secret + "kernel = \"/absent\"\n"));
    client.call("domain.plan", create_params("planned", secret));
    guest_ends(id, kReboot);
    EXPECT_TRUE(eventually([&] {
        const auto now = status(client, "web");
        return now.value("domid", id.value()) != id.value() && now.at("operation") == "";
    }));
    client.call("domain.destroy", {{"name", "web"}});
    ASSERT_TRUE(stop());
    EXPECT_EQ(log.lines_with("method=domain.create").size(), 4U);
    EXPECT_EQ(log.text().find("hunter2"), std::string::npos) << log.text();
}

TEST_F(Threats, Case19_WhoIsRefusedAJobIsOnRecord) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    const CapturedLog log;
    options_.admission.roles =
        daemon::Roles{.readers = {.users = {kUser}, .groups = {}}, .operators = {}, .admins = {}};
    start();
    const OpenDaemon open{folder_ / "", options_.socket};
    as_other_user([&] {
        auto client = connect();
        for (const char* mode : {"wait", "job"})
            EXPECT_EQ(error_code(client.call("domain.destroy", {{"name", "web"}, {"mode", mode}})),
                      "permission_denied");
    });
    ASSERT_TRUE(stop());
    EXPECT_EQ(log.lines_with("uid 12345 method=domain.destroy name=\"web\" "
                             "result=permission_denied")
                  .size(),
              2U)
        << log.text();
}

} // namespace
} // namespace pvh::test
