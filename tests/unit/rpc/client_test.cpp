// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"
#include "rpc/client.h"
#include "tests/support/temp_folder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pvh::rpc {
namespace {

using namespace std::chrono_literals;

UniqueFd listen_at(const std::string& path) {
    UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), std::begin(address.sun_path));
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(fd.get(), 1), 0);
    return fd;
}

/// Takes one client, reads its line, answers with a fixed text and hangs up.
class OneAnswer {
  public:
    OneAnswer(const std::string& path, std::string answer)
        : listener_{listen_at(path)}, answer_{std::move(answer)}, thread_{[this] { serve(); }} {}

    OneAnswer(const OneAnswer&) = delete;
    OneAnswer& operator=(const OneAnswer&) = delete;

    ~OneAnswer() { thread_.join(); }

  private:
    void serve() {
        const UniqueFd client{::accept(listener_.get(), nullptr, nullptr)};
        char byte = 0;
        while (byte != '\n' && ::recv(client.get(), &byte, 1, 0) == 1) {
        }
        ::send(client.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
        if (answer_.empty())
            ::recv(client.get(), &byte, 1, 0); // stays silent until the client goes
    }

    UniqueFd listener_;
    std::string answer_;
    std::thread thread_;
};

class ClientTest : public testing::Test {
  protected:
    Error failure_of_call(const std::string& answer, Client::Timeout timeout = 10s) {
        const OneAnswer server{path_, answer};
        Client client{path_};
        try {
            client.call("system.ping", nlohmann::json::object(), timeout);
        } catch (const Error& e) {
            return e;
        }
        return Error{Errc::internal, "no failure"};
    }

    test::TempFolder folder_;
    std::string path_ = folder_ / "sock";
};

TEST_F(ClientTest, SeveralCallsAreAnsweredInAnyOrder) {
    const OneAnswer server{path_, R"({"jsonrpc":"2.0","id":3,"result":"third"}
{"jsonrpc":"2.0","method":"news"}
{"jsonrpc":"2.0","id":1,"result":"first"}
{"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"no","data":{"code":"busy"}}}
)"};
    Client client{path_};
    std::vector<std::string> outcomes(3);
    client.call_each("x", {1, 2, 3}, [&](std::size_t i, const Client::Outcome& outcome) {
        const auto* error = std::get_if<Error>(&outcome);
        outcomes.at(i) =
            error == nullptr ? std::get<nlohmann::json>(outcome).get<std::string>() : error->what();
    });
    EXPECT_EQ(outcomes, (std::vector<std::string>{"first", "no", "third"}));
}

TEST_F(ClientTest, SeveralCallsEndWithTheConnection) {
    const OneAnswer server{path_, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"first\"}\n"};
    Client client{path_};
    std::size_t answers = 0;
    EXPECT_THROW(
        client.call_each("x", {1, 2}, [&](std::size_t, const Client::Outcome&) { ++answers; }),
        Error);
    EXPECT_EQ(answers, 1U);
}

TEST_F(ClientTest, SaysThatNobodyIsThere) {
    try {
        const Client client{path_};
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::not_found);
        EXPECT_NE(e.hint().find("root in dom0"), std::string::npos);
    }
}

TEST_F(ClientTest, SaysTheSameOfASocketThatADeadDaemonLeft) {
    listen_at(path_).reset();
    try {
        const Client client{path_};
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::not_found);
    }
}

TEST_F(ClientTest, RefusesAPathThatNoSocketCanHave) {
    EXPECT_THROW(Client{std::string(200, 'x')}, Error);
}

TEST_F(ClientTest, ReturnsTheResult) {
    const OneAnswer server{path_, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"x\":5}}\n"};
    Client client{path_};
    EXPECT_EQ(client.call("m", nlohmann::json::object()).at("x"), 5);
}

TEST_F(ClientTest, SkipsNotificationsAndForeignAnswers) {
    const OneAnswer server{path_, "{\"jsonrpc\":\"2.0\",\"method\":\"event\"}\n"
                                  "{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":1}\n"
                                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":2}\n"};
    Client client{path_};
    EXPECT_EQ(client.call("m", nlohmann::json::object()), 2);
}

TEST_F(ClientTest, ThrowsTheDaemonsErrorWithAllItSays) {
    const Error e = failure_of_call(
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32004,"message":"taken","data":{"code":"busy","hint":"wait","stage":"s"}}})"
        "\n");
    EXPECT_EQ(e.code(), Errc::busy);
    EXPECT_STREQ(e.what(), "taken");
    EXPECT_EQ(e.hint(), "wait");
    EXPECT_EQ(e.stage(), "s");
}

TEST_F(ClientTest, AServiceThatDoesNotKnowAMethodIsOlder) {
    const Error error = failure_of_call(
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"there is no method"}})"
        "\n");
    EXPECT_EQ(error.code(), Errc::unsupported);
    EXPECT_NE(error.hint().find("older than pvhctl"), std::string::npos) << error.hint();
}

TEST_F(ClientTest, AnErrorWithoutIdIsForUs) {
    const Error e = failure_of_call(
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32009,"message":"no","data":{"code":"permission_denied"}}})"
        "\n");
    EXPECT_EQ(e.code(), Errc::permission_denied);
}

TEST_F(ClientTest, ABrokenConnectionIsAnError) {
    EXPECT_EQ(failure_of_call("{\"jsonrpc\":").code(), Errc::internal);
}

TEST_F(ClientTest, NonsenseIsAnError) {
    EXPECT_EQ(failure_of_call("hello\n").code(), Errc::internal);
    ::unlink(path_.c_str());
    EXPECT_EQ(failure_of_call("{\"jsonrpc\":\"2.0\",\"id\":1}\n").code(), Errc::internal);
}

TEST_F(ClientTest, WaitsNoLongerThanItShould) {
    EXPECT_EQ(failure_of_call("", 20ms).code(), Errc::timeout);
}

} // namespace
} // namespace pvh::rpc
