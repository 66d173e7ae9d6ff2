// SPDX-License-Identifier: LGPL-2.1-or-later
// Our side of xenstored's wire, against one that answers what a test wants.
#include "libdomain/core/error.h"
#include "libdomain/xen/store_wire.h"

#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pvh::xen::test {
namespace {

using Request = StoreWire::Request;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Message {
    xsd_sockmsg header{};
    std::string payload;
};

/// Serves one connection after the other until it is gone.
class Xenstored {
  public:
    /// What is said to each request; the answer's id and transaction are those of the request
    /// unless they are given.
    using Answerer = std::function<Message(const Message&)>;

    explicit Xenstored(Answerer answer) : answer_{std::move(answer)} {
        path_ = ::testing::TempDir() + "store_wire_" + std::to_string(::getpid());
        ::unlink(path_.c_str());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
        listener_ = UniqueFd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)),
                  0);
        EXPECT_EQ(::listen(listener_.get(), 4), 0);
        ::setenv("XENSTORED_PATH", path_.c_str(), 1);
        thread_ = std::thread{[this] { serve(); }};
    }

    ~Xenstored() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
        ::unlink(path_.c_str());
        ::unsetenv("XENSTORED_PATH");
    }

    Xenstored(const Xenstored&) = delete;
    Xenstored& operator=(const Xenstored&) = delete;

    int connections = 0; // read it when the wire is gone
    std::vector<std::string> asked;

  private:
    static bool receive(int fd, void* data, std::size_t size) {
        return size == 0 || ::recv(fd, data, size, MSG_WAITALL) == static_cast<ssize_t>(size);
    }

    void serve() {
        while (true) {
            const UniqueFd client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
            if (!client) return;
            ++connections;
            serve(client.get());
        }
    }

    void serve(int fd) {
        for (Message request; receive(fd, &request.header, sizeof(request.header));) {
            request.payload.resize(request.header.len);
            if (!receive(fd, request.payload.data(), request.payload.size())) return;
            asked.emplace_back(request.payload.c_str());
            Message answer = answer_(request);
            if (answer.header.req_id == 0) answer.header.req_id = request.header.req_id;
            if (answer.header.len == 0)
                answer.header.len = static_cast<std::uint32_t>(answer.payload.size());
            ::send(fd, &answer.header, sizeof(answer.header), MSG_NOSIGNAL);
            ::send(fd, answer.payload.data(), answer.payload.size(), MSG_NOSIGNAL);
        }
    }

    Answerer answer_;
    std::string path_;
    UniqueFd listener_;
    std::thread thread_;
};

Message of_type(std::uint32_t type, std::string payload) {
    return {.header = {.type = type, .req_id = 0, .tx_id = 0, .len = 0},
            .payload = std::move(payload)};
}

Request read_of(const std::string& path) {
    return {XS_READ, path + '\0'};
}

TEST(StoreWire, AnswersComeInTheOrderOfTheRequests) {
    Xenstored xenstored{[](const Message& request) {
        const bool is_missing = std::strcmp(request.payload.c_str(), "/b") == 0;
        return is_missing ? of_type(XS_ERROR, std::string{"ENOENT\0", 7})
                          : of_type(XS_READ, "value of " + std::string{request.payload.c_str()});
    }};
    StoreWire wire;
    const std::vector<Request> requests{read_of("/a"), read_of("/b"), read_of("/c")};
    const auto answers = wire.ask(0, requests);
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0].payload, "value of /a");
    EXPECT_EQ(answers[1].error, ENOENT);
    EXPECT_EQ(answers[2].payload, "value of /c");
}

TEST(StoreWire, ManyAreAskedInParts) {
    Xenstored xenstored{[](const Message&) { return of_type(XS_READ, std::string(3000, 'x')); }};
    StoreWire wire;
    const std::vector<Request> requests(1000, read_of("/a"));
    EXPECT_EQ(wire.ask(0, requests).size(), 1000U);
}

TEST(StoreWire, ADirectoryMayBeLongerThanTheProtocolSays) {
    Xenstored xenstored{
        [](const Message&) { return of_type(XS_DIRECTORY, std::string(100'000, 'x')); }};
    StoreWire wire;
    EXPECT_EQ(wire.ask(0, {XS_DIRECTORY, std::string{"/a\0", 3}}).payload.size(), 100'000U);
}

TEST(StoreWire, WhatIsTooLongIsNotAsked) {
    Xenstored xenstored{[](const Message&) { return of_type(XS_READ, ""); }};
    StoreWire wire;
    const std::vector<Request> requests{read_of("/a"), {XS_WRITE, std::string(5000, 'x')}};
    EXPECT_THROW(wire.ask(0, requests), Error);
    wire.ask(0, read_of("/b"));
    EXPECT_THAT(xenstored.asked, ElementsAre("/b"));
}

/// What is wrong with the first answer; the second connection is served well.
class BrokenAnswer : public ::testing::TestWithParam<std::function<void(Message&)>> {};

TEST_P(BrokenAnswer, EndsTheConnectionAndNoMore) {
    int count = 0;
    Xenstored xenstored{[&](const Message& request) {
        Message answer = of_type(XS_READ, request.payload.c_str());
        if (count++ == 0) GetParam()(answer);
        return answer;
    }};
    {
        StoreWire wire;
        const std::vector<Request> requests{read_of("/a"), read_of("/b")};
        EXPECT_THROW(wire.ask(0, requests), Error);
        try {
            wire.ask(7, read_of("/c"));
            ADD_FAILURE() << "a transaction went on";
        } catch (const Error& e) {
            EXPECT_THAT(e.what(), HasSubstr("connection of the transaction is lost"));
        }
        EXPECT_EQ(wire.ask(0, read_of("/d")).payload, "/d");
    }
    EXPECT_EQ(xenstored.connections, 2);
}

INSTANTIATE_TEST_SUITE_P(Kinds, BrokenAnswer,
                         ::testing::Values([](Message& answer) { answer.header.req_id = 4711; },
                                           [](Message& answer) { answer.header.type = XS_WRITE; },
                                           [](Message& answer) {
                                               answer.header.len = 0x7fffffff;
                                           }));

TEST(StoreWire, NobodyThereIsOneClearError) {
    ::setenv("XENSTORED_PATH", "/nonexistent/socket", 1);
    EXPECT_THROW(StoreWire{}, Error);
    ::unsetenv("XENSTORED_PATH");
}

} // namespace
} // namespace pvh::xen::test
