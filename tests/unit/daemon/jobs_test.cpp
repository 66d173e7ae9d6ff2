// SPDX-License-Identifier: LGPL-2.1-or-later
// Calls that are answered before they are done, and requests that may be sent again.
#include "daemon/build_job.h"
#include "daemon/request_log.h"
#include "tests/unit/daemon/running_daemon.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace pvh::test {
namespace {

using nlohmann::json;

class JobsTest : public DaemonTest {
  protected:
    json params_with(const std::string& name, const json& more, const std::string& config = "") {
        json params = create_params(name, config);
        params.update(more);
        return params;
    }

    static std::string begin(RawClient& client, const std::string& method, json params) {
        params["mode"] = "job";
        const json reply = client.call(method, params);
        EXPECT_TRUE(reply.contains("result")) << reply.dump();
        return reply.contains("result") ? reply.at("result").at("job").get<std::string>() : "";
    }

    static json wait_for_job(RawClient& client, const std::string& job) {
        const json reply = client.call("job.wait", {{"job", job}, {"timeout_ms", 20'000}});
        EXPECT_TRUE(reply.contains("result")) << reply.dump();
        return reply.value("result", json::object());
    }
};

TEST_F(JobsTest, AJobIsAnsweredAtOnceAndTellsHowItEnded) {
    start();
    RawClient client = connect();
    RawClient other = connect();
    gate_.close();
    const std::string job = begin(client, "domain.create", create_params("web"));
    const json under_way = other.call("job.get", {{"job", job}}).at("result");
    EXPECT_EQ(under_way.at("state"), "running");
    EXPECT_EQ(under_way.at("total"), daemon::kBuildStages);
    EXPECT_EQ(error_code(other.call("job.wait", {{"job", job}, {"timeout_ms", 10}})), "timeout");
    gate_.open();
    const json ended = wait_for_job(other, job);
    EXPECT_EQ(ended.at("state"), "done");
    EXPECT_EQ(ended.at("done"), daemon::kBuildStages);
    EXPECT_EQ(ended.at("stage"), "introduce");
    EXPECT_EQ(ended.at("result").at("name"), "web");
    EXPECT_EQ(status(other, "web").at("managed"), true);
    EXPECT_EQ(other.call("job.list").at("result").at("jobs").size(), 1U);
}

TEST_F(JobsTest, WhoBeganItHearsOfEachStage) {
    start();
    RawClient client = connect();
    const std::string job = begin(client, "domain.create", create_params("web"));
    unsigned told = 0;
    for (;;) {
        const auto message = client.reply();
        ASSERT_TRUE(message.has_value());
        ASSERT_EQ(message->at("method"), "job.progress");
        EXPECT_EQ(message->at("params").at("job"), job);
        if (message->at("params").at("state") == "done") break;
        EXPECT_EQ(message->at("params").at("done"), ++told); // in their order
    }
    EXPECT_EQ(told, daemon::kBuildStages);
}

TEST_F(JobsTest, AFailureIsTheErrorThatTheCallWouldHaveBeen) {
    start();
    RawClient client = connect();
    RawClient other = connect();
    const auto bad =
        begin(client, "domain.create", create_params("web", "kernel = \"/nowhere\"\n"));
    const json ended = wait_for_job(other, bad);
    EXPECT_EQ(ended.at("state"), "failed");
    EXPECT_EQ(ended.at("error").at("data").at("code"), "not_found");
    const auto odd = begin(client, "domain.destroy", {{"nome", "web"}});
    EXPECT_EQ(wait_for_job(other, odd).at("error").at("code"), -32602);
}

TEST_F(JobsTest, AClientThatGoesAwayCancelsNothing) {
    start();
    std::string job;
    {
        RawClient client = connect();
        gate_.close();
        job = begin(client, "domain.create", create_params("web"));
    }
    gate_.open();
    RawClient other = connect();
    EXPECT_EQ(wait_for_job(other, job).at("state"), "done");
}

TEST_F(JobsTest, ACancelledBuildLeavesNothing) {
    start();
    RawClient client = connect();
    RawClient other = connect();
    gate_.close();
    const std::string job = begin(client, "domain.create", create_params("web"));
    EXPECT_EQ(other.call("job.cancel", {{"job", job}}).at("result").at("state"), "running");
    gate_.open();
    const json ended = wait_for_job(other, job);
    EXPECT_EQ(ended.at("state"), "cancelled");
    EXPECT_EQ(ended.at("error").at("data").at("code"), "cancelled");
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
    EXPECT_EQ(error_code(status(other, "web")), "not_found");
}

TEST_F(JobsTest, AJobThatHasEndedIsNotCancelled) {
    start();
    RawClient client = connect();
    RawClient other = connect();
    const std::string job = begin(client, "domain.create", create_params("web"));
    wait_for_job(other, job);
    EXPECT_EQ(other.call("job.cancel", {{"job", job}}).at("result").at("state"), "done");
    EXPECT_EQ(error_code(other.call("job.get", {{"job", "no-such"}})), "not_found");
}

TEST_F(JobsTest, TooManyAreRefused) {
    start();
    gate_.close();
    unsigned refused = 0;
    RawClient client = connect();
    for (unsigned i = 0; i < daemon::Jobs::kMostUnderWay + 2; ++i) {
        json params = create_params("d" + std::to_string(i));
        params["mode"] = "job";
        const json reply = client.call("domain.create", params);
        if (reply.contains("error") && error_code(reply) == "busy") ++refused;
    }
    EXPECT_EQ(refused, 2U);
    gate_.open();
}

TEST_F(JobsTest, TheEnvelopeIsChecked) {
    start();
    RawClient client = connect();
    EXPECT_EQ(rpc_code(client.call("domain.destroy", {{"name", "x"}, {"mode", "later"}})), -32602);
    EXPECT_EQ(rpc_code(client.call("domain.destroy", {{"name", "x"}, {"request_id", ""}})), -32602);
    EXPECT_EQ(rpc_code(client.call("domain.get", {{"name", "x"}, {"mode", "job"}})), -32602);
}

using OnceTest = JobsTest;

TEST_F(OnceTest, ASuccessIsAnsweredAgain) {
    start();
    RawClient client = connect();
    const json params = params_with("web", {{"request_id", "r1"}});
    const json first = client.call("domain.create", params);
    ASSERT_TRUE(first.contains("result")) << first.dump();
    EXPECT_EQ(client.call("domain.create", params), first);
    EXPECT_EQ(guests(), 1U);
    const json another = params_with("other", {{"request_id", "r1"}});
    EXPECT_EQ(error_code(client.call("domain.create", another)), "conflict");
}

TEST_F(OnceTest, AFailureIsTriedAgain) {
    start();
    RawClient client = connect();
    const json params = params_with("web", {{"request_id", "r1"}});
    create(client, "web");
    EXPECT_EQ(error_code(client.call("domain.create", params)), "already_exists");
    client.call("domain.destroy", {{"name", "web"}});
    EXPECT_TRUE(client.call("domain.create", params).contains("result"));
}

TEST_F(OnceTest, TwoAtOnceAreOne) {
    start();
    RawClient one = connect();
    RawClient two = connect();
    const json params = params_with("web", {{"request_id", "r1"}});
    gate_.close();
    one.request(0, "domain.create", params);
    two.request(0, "domain.create", params);
    RawClient third = connect();
    const json changed = params_with("other", {{"request_id", "r1"}}); // seen once theirs are
    EXPECT_TRUE(
        eventually([&] { return error_code(third.call("domain.create", changed)) == "conflict"; }));
    gate_.open();
    const auto first = one.reply();
    const auto second = two.reply();
    ASSERT_TRUE(first.has_value() && second.has_value());
    ASSERT_TRUE(first->contains("result")) << first->dump();
    EXPECT_EQ(*first, *second);
    EXPECT_EQ(guests(), 1U);
}

TEST_F(OnceTest, IsRememberedOverARestartOfTheDaemon) {
    start();
    const json params = params_with("web", {{"request_id", "r1"}});
    json first;
    {
        RawClient client = connect();
        first = client.call("domain.create", params);
    }
    stop();
    start();
    RawClient client = connect();
    EXPECT_EQ(client.call("domain.create", params), first);
    EXPECT_EQ(guests(), 1U);
}

TEST_F(OnceTest, ACreateWhoseAnswerWasLostIsNotDoneTwice) {
    start();
    const json params = params_with("web", {{"request_id", "r1"}});
    json first;
    {
        RawClient client = connect();
        first = client.call("domain.create", params).at("result");
    }
    stop();
    // As if the line with the result had not been written any more: a later line wins.
    std::ofstream{options_.state_dir + "/requests.jsonl", std::ios::app}
        << R"({"id":"r1","uid":)" << ::geteuid() << R"(,"digest":")"
        << daemon::RequestLog::digest_of("domain.create", create_params("web")) << R"(","subject":)"
        << json{{"uuid", first.at("uuid")}, {"name", "web"}, {"domid", 0}}.dump() << "}\n";
    start();
    RawClient client = connect();
    const json again = client.call("domain.create", params);
    ASSERT_TRUE(again.contains("result")) << again.dump();
    EXPECT_EQ(again.at("result").at("uuid"), first.at("uuid"));
    EXPECT_EQ(again.at("result").at("domid"), first.at("domid"));
    EXPECT_EQ(guests(), 1U);
}

TEST_F(OnceTest, ADestroyWhoseAnswerWasLostIsAboutTheSameDomain) {
    start();
    const json params{{"name", "web"}, {"request_id", "r1"}};
    json first;
    {
        RawClient client = connect();
        create(client, "web");
        first = client.call("domain.destroy", params).at("result");
        create(client, "web"); // another one
    }
    stop();
    std::ofstream{options_.state_dir + "/requests.jsonl", std::ios::app}
        << R"({"id":"r1","uid":)" << ::geteuid() << R"(,"digest":")"
        << daemon::RequestLog::digest_of("domain.destroy", json{{"name", "web"}})
        << R"(","subject":)" << first.dump() << "}\n";
    start();
    RawClient client = connect();
    const json again = client.call("domain.destroy", params);
    ASSERT_TRUE(again.contains("result")) << again.dump();
    EXPECT_EQ(again.at("result").at("uuid"), first.at("uuid"));
    EXPECT_EQ(guests(), 1U);
}

TEST(RequestLog, ForgetsTheOldestAndWhatIsOfAnotherBoot) {
    const TempFolder folder;
    const std::string path = folder / "requests.jsonl";
    const auto key = [](unsigned i) {
        return daemon::RequestLog::Key{.uid = 0, .id = std::to_string(i)};
    };
    {
        daemon::RequestLog log{path, "boot"};
        for (unsigned i = 0; i < daemon::RequestLog::kKept + 10; ++i) {
            log.begin(key(i), "digest");
            log.succeed(key(i), {{"domid", i}});
        }
        EXPECT_EQ(log.find(key(0)), nullptr);
        ASSERT_NE(log.find(key(500)), nullptr);
    }
    {
        const daemon::RequestLog log{path, "boot"};
        ASSERT_NE(log.find(key(500)), nullptr);
        EXPECT_EQ(log.find(key(500))->result, (json{{"domid", 500}}));
    }
    const daemon::RequestLog log{path, "another"};
    EXPECT_EQ(log.find(key(500)), nullptr);
}

TEST(RequestLog, GarbageIsDropped) {
    const TempFolder folder;
    const std::string path = folder / "requests.jsonl";
    for (const char* text : {"", "x\n", "[]\n", "{\"schema\":7}\n",
                             "{\"schema\":1,\"host_boot_id\":\"boot\"}\n{\"uid\":-1,\"id\":3}\n"}) {
        std::ofstream{path, std::ios::trunc} << text;
        daemon::RequestLog log{path, "boot"};
        log.begin({.uid = 0, .id = "r"}, "digest");
        log.succeed({.uid = 0, .id = "r"}, 1);
        EXPECT_NE((daemon::RequestLog{path, "boot"}.find({.uid = 0, .id = "r"})), nullptr) << text;
    }
}

} // namespace
} // namespace pvh::test
