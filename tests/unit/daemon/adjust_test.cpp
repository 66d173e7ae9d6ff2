// SPDX-License-Identifier: LGPL-2.1-or-later
// What is changed of domains that exist: name, memory, CPUs, scheduling; and Xen's own console.
#include "tests/unit/daemon/running_daemon.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class AdjustTest : public DaemonTest {
  protected:
    std::string node(const std::string& path) {
        fake::FakeStore store{xen_};
        return store.read(path).value_or("(none)");
    }

    std::string home(DomId id) { return "/local/domain/" + std::to_string(id.value()); }

    fake::FakeDomain model(DomId id) {
        const std::lock_guard lock{xen_.mutex};
        return xen_.domains.at(id);
    }

    static std::string message(const json& reply) {
        return reply.contains("error") ? reply.at("error").at("message").get<std::string>()
                                       : reply.dump();
    }
};

TEST_F(AdjustTest, ARenamedDomainIsFoundByItsNewNameOnly) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const json reply = client.call("domain.rename", {{"name", "web"}, {"new_name", "www"}});
    EXPECT_EQ(reply.at("result").at("name"), "www");
    EXPECT_EQ(node(home(id) + "/name"), "www");
    EXPECT_EQ(status(client, "www").at("domid"), id.value());
    EXPECT_EQ(error_code(client.call("domain.get", {{"name", "web"}})), "not_found");
    create(client, "web"); // the name is free
}

TEST_F(AdjustTest, ANewNameLastsOverTheEndOfPvhd) {
    start();
    auto client = connect();
    create(client, "web");
    client.call("domain.rename", {{"name", "web"}, {"new_name", "www"}});
    stop();
    start();
    auto again = connect();
    EXPECT_EQ(again.call("domain.get", {{"name", "www"}}).at("result").at("spec").at("name"),
              "www");
}

TEST_F(AdjustTest, NobodyGetsANameThatIsTakenOrNone) {
    start();
    auto client = connect();
    const DomId web = create(client, "web");
    create(client, "www");
    const auto rename = [&](const std::string& name) {
        return client.call("domain.rename", {{"name", "web"}, {"new_name", name}});
    };
    EXPECT_EQ(error_code(rename("www")), "already_exists");
    EXPECT_EQ(error_code(rename("")), "invalid_config");
    EXPECT_EQ(error_code(rename("7")), "invalid_config");
    EXPECT_EQ(error_code(rename("a/b")), "invalid_config");
    EXPECT_TRUE(rename("web").contains("result")); // as it is
    EXPECT_EQ(node(home(web) + "/name"), "web");
    EXPECT_EQ(error_code(client.call("domain.rename", {{"domid", 0}, {"new_name", "x"}})),
              "unsupported");
}

TEST_F(AdjustTest, ARenameThatXenstoreRefusesChangesNothing) {
    start();
    auto client = connect();
    create(client, "web");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls.insert("store.transact");
    }
    const json reply = client.call("domain.rename", {{"name", "web"}, {"new_name", "www"}});
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls.clear();
    }
    EXPECT_EQ(error_code(reply), "xen_error") << reply.dump();
    EXPECT_EQ(status(client, "web").at("name"), "web");
    EXPECT_EQ(error_code(client.call("domain.get", {{"name", "www"}})), "not_found");
    client.call("domain.rename", {{"name", "web"}, {"new_name", "www"}});
    EXPECT_EQ(status(client, "www").at("name"), "www");
}

TEST_F(AdjustTest, MemoryIsAskedForAndLimited) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const json reply =
        client.call("domain.set_memory", {{"name", "web"}, {"target_kib", 32 * 1024}});
    EXPECT_EQ(reply.at("result").at("target_kib"), 32 * 1024) << reply.dump();
    EXPECT_EQ(reply.at("result").at("max_kib"), 64 * 1024);
    EXPECT_EQ(node(home(id) + "/memory/target"), "32768");
    EXPECT_EQ(model(id).max_memory_kib, 33U * 1024); // as xl: 1 MiB for what is no RAM
    EXPECT_EQ(model(id).pod_target, 33U * 256);
}

TEST_F(AdjustTest, TheNextLifeHasTheMemoryOfThisOne) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", "on_reboot = \"restart\"\n");
    client.call("domain.set_memory",
                {{"name", "web"}, {"target_kib", 32 * 1024}, {"max_kib", 48 * 1024}});
    guest_ends(id, kReboot);
    ASSERT_TRUE(eventually([&] {
        const json now = status(client, "web");
        return now.contains("domid") && now.at("domid") != id.value() &&
               now.at("state") != "restarting";
    }));
    const json spec = client.call("domain.get", {{"name", "web"}}).at("result").at("spec");
    EXPECT_EQ(spec.at("memory_mib"), 32);
    EXPECT_EQ(spec.at("max_memory_mib"), 48);
}

TEST_F(AdjustTest, TargetAndMaximumNeverCross) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const auto set = [&](json params) {
        params["name"] = "web";
        return client.call("domain.set_memory", params);
    };
    EXPECT_THAT(message(set({{"target_kib", 65 * 1024}})), HasSubstr("may have 65536 KiB at most"));
    EXPECT_THAT(message(set({{"max_kib", 63 * 1024}})), HasSubstr("is asked to have 65536 KiB"));
    EXPECT_TRUE(set({{"target_kib", 96 * 1024}, {"max_kib", 128 * 1024}}).contains("result"));
    EXPECT_TRUE(set({{"target_kib", 16 * 1024}, {"max_kib", 24 * 1024}}).contains("result"));
    EXPECT_EQ(node(home(id) + "/memory/static-max"), "24576");
    EXPECT_EQ(error_code(set({{"target_kib", 0}})), "invalid_config");
    EXPECT_EQ(error_code(set({{"target_kib", std::uint64_t{1} << 60}})), "invalid_config");
    EXPECT_EQ(rpc_code(set(json::object())), -32602);
    EXPECT_EQ(node(home(id) + "/memory/target"), "16384");
}

TEST_F(AdjustTest, Dom0KeepsWhatTheSettingsSay) {
    options_.dom0_min_mib = 512;
    {
        const std::lock_guard lock{xen_.mutex};
        fake::FakeStore store{xen_};
        store.write("/local/domain/0/memory/target", "1048576");
        store.write("/local/domain/0/memory/static-max", "2097152");
    }
    start();
    auto client = connect();
    const auto set = [&](std::uint64_t kib) {
        return client.call("domain.set_memory", {{"domid", 0}, {"target_kib", kib}});
    };
    EXPECT_THAT(message(set(511 * 1024)), HasSubstr("dom0 would be left with"));
    EXPECT_EQ(node("/local/domain/0/memory/target"), "1048576");
    EXPECT_TRUE(set(512 * 1024).contains("result"));
    EXPECT_EQ(node("/local/domain/0/memory/target"), "524288");
    EXPECT_FALSE(model(kDom0).pod_target.has_value()); // it is no HVM domain
}

TEST_F(AdjustTest, VcpusArePinnedAsTheListSays) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", "vcpus = 2\n");
    const auto pin = [&](json params) {
        params["name"] = "web";
        return client.call("domain.pin_vcpu", params);
    };
    EXPECT_TRUE(pin({{"vcpu", 1}, {"hard", "0-2,^1"}}).contains("result"));
    EXPECT_EQ(model(id).affinity.size(), 1U);
    const CpuMask odd = model(id).affinity.at(1).first;
    EXPECT_TRUE(odd.at(0) && !odd.at(1) && odd.at(2));
    EXPECT_TRUE(model(id).affinity.at(1).second.empty());
    EXPECT_TRUE(pin({{"soft", "all"}}).contains("result"));
    EXPECT_EQ(model(id).affinity.size(), 2U);
    EXPECT_EQ(error_code(pin({{"vcpu", 2}, {"hard", "0"}})), "invalid_config");
    EXPECT_THAT(message(pin({{"hard", "4000"}})),
                HasSubstr("hard names no CPU that this host has"));
    EXPECT_THAT(message(pin({{"hard", "0-"}})), HasSubstr("cpus:1:"));
    EXPECT_EQ(rpc_code(pin(json::object())), -32602);
}

TEST_F(AdjustTest, WeightAndCapAreToldAndSet) {
    start();
    auto client = connect();
    create(client, "web", "vcpus = 2\n");
    const auto set = [&](json params) {
        params["name"] = "web";
        return client.call("domain.set_scheduling", params);
    };
    const json set_to = set({{"weight", 512}}).at("result");
    EXPECT_EQ(set_to.at("weight"), 512);
    EXPECT_EQ(set_to.at("cap"), 0);
    EXPECT_EQ(set_to.at("scheduler"), "credit2");
    const json all = client.call("domain.scheduling").at("result").at("domains");
    ASSERT_EQ(all.size(), 2U); // with dom0
    EXPECT_EQ(all[1].at("weight"), 512);
    EXPECT_EQ(error_code(set({{"weight", 0}})), "invalid_config");
    EXPECT_EQ(error_code(set({{"weight", 65536}})), "invalid_config");
    EXPECT_THAT(message(set({{"cap", 201}})), HasSubstr("can use 200 at most"));
    EXPECT_EQ(rpc_code(set(json::object())), -32602);
}

TEST_F(AdjustTest, PoolsHaveTheirNamesFromXenstore) {
    {
        const std::lock_guard lock{xen_.mutex};
        fake::FakeStore{xen_}.write("/local/pool/0/name", "Pool-0");
    }
    start();
    auto client = connect();
    const json pools = client.call("cpupool.list").at("result").at("pools");
    ASSERT_EQ(pools.size(), 1U);
    EXPECT_EQ(pools[0].at("name"), "Pool-0");
    EXPECT_EQ(pools[0].at("cpus"), json::parse("[0,1,2,3]"));
    EXPECT_EQ(pools[0].at("ratelimit_us"), 1000);
    EXPECT_FALSE(pools[0].contains("tslice_ms"));
}

TEST_F(AdjustTest, SignalsReachTheGuest) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const auto trigger = [&](const std::string& word, unsigned vcpu) {
        return client.call("domain.trigger", {{"name", "web"}, {"trigger", word}, {"vcpu", vcpu}});
    };
    EXPECT_TRUE(trigger("nmi", 0).contains("result"));
    EXPECT_EQ(model(id).triggers.at(0).first, xen::Trigger::nmi);
    EXPECT_EQ(error_code(trigger("nmi", 1)), "invalid_config");
    EXPECT_EQ(error_code(trigger("power", 0)), "unsupported");
    EXPECT_THAT(message(trigger("nmo", 0)), HasSubstr("there is no trigger \"nmo\""));
    const auto sysrq = [&](const std::string& key) {
        return client.call("domain.sysrq", {{"name", "web"}, {"key", key}});
    };
    EXPECT_TRUE(sysrq("h").contains("result"));
    EXPECT_EQ(node(home(id) + "/control/sysrq"), "h");
    for (const char* bad : {"", "hh", "\n", "\xc3\xa4"})
        EXPECT_EQ(error_code(sysrq(bad)), "invalid_config");
}

TEST_F(AdjustTest, UptimeCountsFromTheStart) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const std::string uuid = status(client, "web").at("uuid");
    {
        const std::lock_guard lock{xen_.mutex};
        fake::FakeStore{xen_}.write("/vm/" + uuid + "/start_time",
                                    std::to_string(std::time(nullptr) - 100) + ".50");
    }
    const json one = client.call("domain.uptime", {{"name", "web"}}).at("result").at("domains");
    ASSERT_EQ(one.size(), 1U);
    EXPECT_GE(one[0].at("uptime_s"), 100);
    EXPECT_LT(one[0].at("uptime_s"), 160);
    foreign_domain(DomId{static_cast<std::uint16_t>(id.value() + 1)},
                   parse_uuid("11112222-3333-4444-5555-666677778888").value(), "theirs");
    const json all = client.call("domain.uptime").at("result").at("domains");
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].at("domid"), 0);
    EXPECT_FALSE(all[2].contains("uptime_s")); // nobody noted it
}

TEST_F(AdjustTest, ADomainThatTurnsOutToBeGoneIsForgotten) {
    for (const auto& [method, more] :
         std::map<std::string, json>{{"domain.set_memory", {{"target_kib", 1024}}},
                                     {"domain.pin_vcpu", {{"hard", "0"}}},
                                     {"domain.rename", {{"new_name", "www"}}},
                                     {"domain.set_scheduling", {{"weight", 512}}},
                                     {"domain.sysrq", {{"key", "h"}}}}) {
        start();
        auto client = connect();
        const DomId id = create(client, "web");
        {
            const std::lock_guard lock{xen_.mutex};
            xen_.domains.erase(id); // and no watch tells
        }
        json params = more;
        params["name"] = "web";
        EXPECT_EQ(error_code(client.call(method, params)), "not_found") << method;
        EXPECT_TRUE(eventually([&] { return state_files() == 0; })) << method;
        stop();
    }
}

TEST_F(AdjustTest, XensConsoleIsReadAndCleared) {
    xen_.console = "(XEN) one\n\xff two\n";
    start();
    auto client = connect();
    EXPECT_EQ(client.call("system.dmesg").at("result").at("text"), "(XEN) one\n\xef\xbf\xbd two\n");
    client.call("system.debug_keys", {{"keys", "h"}});
    EXPECT_THAT(
        client.call("system.dmesg", {{"clear", true}}).at("result").at("text").get<std::string>(),
        HasSubstr("(XEN) 'h' pressed"));
    EXPECT_EQ(client.call("system.dmesg").at("result").at("text"), "");
    for (const char* bad : {"", "\n", " "})
        EXPECT_EQ(error_code(client.call("system.debug_keys", {{"keys", bad}})), "invalid_config");
}

TEST_F(AdjustTest, Dom0UsesAsManyVcpusAsItIsTold) {
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domain(kDom0).args.max_vcpus = 4;
        xen_.domain(kDom0).has_run = true;
    }
    start();
    auto client = connect();
    const auto want = [&](unsigned vcpus) {
        return client.call("domain.set_vcpus", {{"domid", 0}, {"vcpus", vcpus}});
    };
    EXPECT_TRUE(want(2).contains("result"));
    EXPECT_EQ(node("/local/domain/0/cpu/1/availability"), "online");
    EXPECT_EQ(node("/local/domain/0/cpu/2/availability"), "offline");
    EXPECT_EQ(error_code(want(0)), "invalid_config");
    EXPECT_EQ(error_code(want(5)), "invalid_config");
    EXPECT_EQ(node("/local/domain/0/cpu/0/availability"), "online");
}

} // namespace
} // namespace pvh::test
