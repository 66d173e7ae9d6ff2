// SPDX-License-Identifier: LGPL-2.1-or-later
// cpupool.*, domain.set_cpupool, system.topology, domain.usage and domain.set_config.
#include "tests/unit/daemon/running_daemon.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class CpuPoolsTest : public DaemonTest {
  protected:
    CpuPoolsTest() {
        const std::lock_guard lock{xen_.mutex};
        fake::FakeStore{xen_}.write("/local/pool/0/name", "Pool-0");
    }

    std::string node(const std::string& path) {
        fake::FakeStore store{xen_};
        return store.read(path).value_or("(none)");
    }

    std::set<unsigned> cpus_of(std::uint32_t pool) {
        const std::lock_guard lock{xen_.mutex};
        return xen_.cpu_pools.at(pool).cpus;
    }

    std::size_t pools() {
        const std::lock_guard lock{xen_.mutex};
        return xen_.cpu_pools.size();
    }

    static std::string message(const json& reply) {
        return reply.contains("error") ? reply.at("error").at("message").get<std::string>()
                                       : reply.dump();
    }

    /// Two CPUs of the first pool are free then.
    template <class Client> void make_room(Client& client) {
        const json reply =
            client.call("cpupool.update", {{"pool", "Pool-0"}, {"remove_cpus", "node:1"}});
        ASSERT_TRUE(reply.contains("result")) << reply.dump();
    }

    template <class Client> void make_blue(Client& client) {
        make_room(client);
        const json reply = client.call("cpupool.create", {{"name", "blue"}, {"cpus", "2-3"}});
        ASSERT_TRUE(reply.contains("result")) << reply.dump();
    }
};

TEST_F(CpuPoolsTest, AreMadeOfFreeCpusAndEnded) {
    start();
    auto client = connect();
    make_room(client);
    const json made = client.call("cpupool.create", {{"name", "blue"}, {"cpus", "2-3"}});
    EXPECT_EQ(made.at("result").at("scheduler"), "credit2"); // the host's
    EXPECT_EQ(made.at("result").at("cpus"), json::parse("[2,3]"));
    EXPECT_EQ(node("/local/pool/1/name"), "blue");
    EXPECT_TRUE(parse_uuid(node("/local/pool/1/uuid")));
    EXPECT_EQ(error_code(client.call("cpupool.create", {{"name", "blue"}})), "already_exists");
    const json gone = client.call("cpupool.destroy", {{"pool", "1"}});
    EXPECT_EQ(gone.at("result").at("name"), "blue");
    EXPECT_EQ(node("/local/pool/1/name"), "(none)");
    EXPECT_EQ(pools(), 1U);
}

TEST_F(CpuPoolsTest, WhatCannotBeIsRefusedAndChangesNothing) {
    start();
    auto client = connect();
    const auto create = [&](json params) { return client.call("cpupool.create", params); };
    EXPECT_THAT(message(create({{"name", "x"}, {"cpus", "0"}})),
                HasSubstr("CPU 0 is in CPU pool \"Pool-0\""));
    EXPECT_THAT(message(create({{"name", "x"}, {"cpus", "4"}})), HasSubstr("names no CPU"));
    EXPECT_EQ(error_code(create({{"name", "x"}, {"cpus", "a"}})), "invalid_config");
    EXPECT_EQ(error_code(create({{"name", "7"}})), "invalid_config");
    EXPECT_EQ(error_code(create({{"name", ""}})), "invalid_config");
    EXPECT_EQ(error_code(create({{"name", "x"}, {"scheduler", "rtds"}})), "unsupported");
    EXPECT_EQ(error_code(client.call("cpupool.destroy", {{"pool", "Pool-0"}})), "bad_state");
    const json unknown = client.call("cpupool.destroy", {{"pool", "blue"}});
    EXPECT_EQ(error_code(unknown), "not_found");
    EXPECT_THAT(unknown.dump(), HasSubstr("there are: Pool-0 (0)"));
    EXPECT_EQ(error_code(client.call("cpupool.update", {{"pool", "0"}, {"tslice_ms", 5}})),
              "unsupported");
    for (const json& two :
         {json{{"pool", "0"}, {"remove_cpus", "0-1"}, {"ratelimit_us", 500}},
          json{{"pool", "0"}, {"remove_cpus", "3"}, {"new_name", "x"}}, json{{"pool", "0"}}})
        EXPECT_THAT(message(client.call("cpupool.update", two)), HasSubstr("one is needed"));
    EXPECT_EQ(cpus_of(0), (std::set<unsigned>{0, 1, 2, 3}));
    EXPECT_EQ(pools(), 1U);
}

TEST_F(CpuPoolsTest, APoolThatCannotBeFinishedIsTakenBack) {
    start();
    auto client = connect();
    make_room(client);
    for (const char* call : {"add_cpu", "store.transact"}) {
        {
            const std::lock_guard lock{xen_.mutex};
            xen_.broken_calls = {call};
        }
        EXPECT_TRUE(
            client.call("cpupool.create", {{"name", "b"}, {"cpus", "2-3"}}).contains("error"));
        const std::lock_guard lock{xen_.mutex};
        EXPECT_EQ(xen_.cpu_pools.size(), 1U) << call;
        xen_.broken_calls.clear();
    }
}

TEST_F(CpuPoolsTest, OfSeveralCpusAllMoveOrNone) {
    start();
    auto client = connect();
    create(client, "web"); // its pool keeps a CPU
    EXPECT_EQ(error_code(client.call("cpupool.update", {{"pool", "0"}, {"remove_cpus", "all"}})),
              "bad_state");
    EXPECT_EQ(cpus_of(0), (std::set<unsigned>{0, 1, 2, 3}));
}

TEST_F(CpuPoolsTest, ACpuThatStopsHalfWayGoesBack) {
    start();
    auto client = connect();
    xen_.busy_cpu = 2;
    EXPECT_EQ(error_code(client.call("cpupool.update", {{"pool", "0"}, {"remove_cpus", "1-3"}})),
              "busy");
    EXPECT_EQ(cpus_of(0), (std::set<unsigned>{0, 1, 2, 3}));
}

TEST_F(CpuPoolsTest, ANewNameReachesConfigsOfTheNextBoot) {
    start();
    auto client = connect();
    make_blue(client);
    create(client, "web");
    const json next = client.call(
        "domain.set_config",
        {{"name", "web"}, {"config", config("web", "pool = 'blue'")}, {"directory", "/"}});
    ASSERT_TRUE(next.contains("result")) << next.dump();
    EXPECT_TRUE(
        client.call("cpupool.update", {{"pool", "1"}, {"new_name", "red"}}).contains("result"));
    const json got = client.call("domain.get", {{"name", "web"}}).at("result");
    EXPECT_EQ(got.at("next_spec").at("pool"), "red");
}

TEST_F(CpuPoolsTest, KeepsItsNameWhileADomainThatWantsItIsInTheMaking) {
    start();
    auto client = connect();
    make_blue(client);
    gate_.close();
    auto other = connect();
    other.request(1, "domain.create", create_params("web", "pool = 'blue'"));
    ASSERT_TRUE(gate_.wait_for(1));
    EXPECT_EQ(error_code(client.call("cpupool.update", {{"pool", "1"}, {"new_name", "red"}})),
              "busy");
    gate_.open();
    EXPECT_TRUE(other.reply().value().contains("result"));
    EXPECT_TRUE(
        client.call("cpupool.update", {{"pool", "1"}, {"new_name", "red"}}).contains("result"));
}

TEST_F(CpuPoolsTest, ADomainMovesAndStaysThereInItsNextLife) {
    start();
    auto client = connect();
    make_blue(client);
    create(client, "web");
    EXPECT_TRUE(
        client.call("domain.set_cpupool", {{"name", "web"}, {"pool", "blue"}}).contains("result"));
    EXPECT_EQ(status(client, "web").at("cpupool"), 1);
    const auto pool_of_spec = [&] {
        return client.call("domain.get", {{"name", "web"}}).at("result").at("spec").at("pool");
    };
    EXPECT_EQ(pool_of_spec(), "blue");
    EXPECT_EQ(error_code(client.call("cpupool.destroy", {{"pool", "blue"}})), "bad_state");
    client.call("cpupool.update", {{"pool", "blue"}, {"new_name", "red"}});
    EXPECT_EQ(pool_of_spec(), "red");
    EXPECT_EQ(error_code(client.call("domain.set_cpupool", {{"name", "web"}, {"pool", "blue"}})),
              "not_found");
}

TEST_F(CpuPoolsTest, ParametersOfASchedulerAreSet) {
    start();
    auto client = connect();
    const json now = client.call("cpupool.update", {{"pool", "0"}, {"ratelimit_us", 500}});
    EXPECT_EQ(now.at("result").at("ratelimit_us"), 500);
}

TEST_F(CpuPoolsTest, TheTopologyNamesCpusAndNodes) {
    start();
    auto client = connect();
    const json host = client.call("system.topology").at("result");
    ASSERT_EQ(host.at("cpus").size(), 4U); // the fifth is not online
    EXPECT_EQ(host.at("cpus")[3].at("node"), 1);
    ASSERT_EQ(host.at("nodes").size(), 2U);
    EXPECT_EQ(host.at("nodes")[1].at("free_kib"), 2 << 20);
    EXPECT_EQ(host.at("nodes")[1].at("distances"), json::parse("[20,10]"));
}

TEST_F(CpuPoolsTest, UsageCountsWhatDomainsHaveDone) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.traffic.disks.push_back({.frontend = id,
                                      .id = 51712,
                                      .read_requests = 2,
                                      .write_requests = 3,
                                      .read_sectors = 8,
                                      .written_sectors = 16});
        xen_.traffic.nics.push_back(
            {.frontend = id, .id = 0, .received_bytes = 100, .sent_bytes = 200});
        xen_.traffic.nics.push_back({.frontend = DomId{99}, .id = 0}); // gone meanwhile
    }
    const json all = client.call("domain.usage").at("result");
    EXPECT_GT(all.at("time_ns"), 0);
    ASSERT_EQ(all.at("domains").size(), 2U); // with dom0
    const json one =
        client.call("domain.usage", {{"name", "web"}}).at("result").at("domains").at(0);
    EXPECT_EQ(one, all.at("domains")[1]);
    EXPECT_EQ(one.at("status").at("name"), "web");
    EXPECT_EQ(one.at("vbds"), 1);
    EXPECT_EQ(one.at("disk_reads"), 2);
    EXPECT_EQ(one.at("disk_read_bytes"), 4096);
    EXPECT_EQ(one.at("disk_written_bytes"), 8192);
    EXPECT_EQ(one.at("vifs"), 1);
    EXPECT_EQ(one.at("received_bytes"), 100);
    EXPECT_EQ(one.at("sent_bytes"), 200);
}

} // namespace
} // namespace pvh::test
