// SPDX-License-Identifier: LGPL-2.1-or-later
// Commands of xl's on domains that exist: their bytes by printf itself, and what they ask for.
#include "cli/memory_size.h"
#include "libdomain/core/error.h"
#include "libdomain/core/ids.h"
#include "tests/unit/cli/fake_daemon.h"

#include <cstdio>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {
namespace {

using ::testing::HasSubstr;

template <class... Args> std::string printed(const char* format, Args... args) {
    char line[1024];
    std::snprintf(line, sizeof(line), format, args...); // NOLINT: xl's own formats
    return line;
}

rpc::CpuPoolsResult one_pool() {
    rpc::CpuPoolsResult result;
    result.pools.push_back({.id = 0,
                            .name = "Pool-0",
                            .scheduler = "credit2",
                            .cpus = {0, 1, 3},
                            .domains = 5,
                            .tslice_ms = {},
                            .ratelimit_us = 1000,
                            .migration_delay_us = {}});
    return result;
}

TEST(XlCommands, MemorySizesAreXls) {
    EXPECT_EQ(parse_memory_size("512"), 512U * 1024);
    EXPECT_EQ(parse_memory_size("512m"), 512U * 1024);
    EXPECT_EQ(parse_memory_size("1G"), 1024U * 1024);
    EXPECT_EQ(parse_memory_size("2t"), 2ULL << 30);
    EXPECT_EQ(parse_memory_size("100k"), 100U);
    EXPECT_EQ(parse_memory_size("4096b"), 4U);
    for (const char* bad : {"", "m", "1gb", "-5", "1.5g", "1x", "99999999999999999999", "9999999t"})
        EXPECT_THROW(parse_memory_size(bad), Error) << bad;
}

TEST(XlCommands, MemSetAsksForKib) {
    FakeDaemon daemon;
    daemon.on("domain.set_memory",
              always(rpc::MemoryResult{.domain = running_domain("web", 7).domain,
                                       .target_kib = 262144,
                                       .max_kib = 524288,
                                       .memory_kib = 524304}));
    const Outcome outcome = run(daemon, {"mem-set", "web", "256"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out + outcome.err, ""); // as xl
    EXPECT_EQ(daemon.log().back(), R"(domain.set_memory {"name":"web","target_kib":262144})");
    run(daemon, {"mem-max", "7", "1g"});
    EXPECT_EQ(daemon.log().back(), R"(domain.set_memory {"domid":7,"max_kib":1048576})");
    EXPECT_EQ(run(daemon, {"mem-set", "web", "lots"}).status, 7);
}

TEST(XlCommands, MemSetWaitsUntilTheGuestHasIt) {
    FakeDaemon daemon;
    rpc::GetResult got;
    got.status = running_domain("web", 7);
    daemon.on("domain.set_memory", always(rpc::MemoryResult{.domain = got.status.domain,
                                                            .target_kib = 262144,
                                                            .max_kib = 524288,
                                                            .memory_kib = 524288}));
    unsigned looks = 0;
    daemon.on("domain.get", [&](const nlohmann::json&) {
        got.status.memory_kib = ++looks < 2 ? 400000 : 262144 + 600;
        return nlohmann::json(got);
    });
    EXPECT_EQ(run(daemon, {"mem-set", "--wait", "5", "web", "256"}).status, 0);
    EXPECT_EQ(looks, 2U);
}

TEST(XlCommands, MemSetTellsWhereAGuestIsStuck) {
    FakeDaemon daemon;
    rpc::GetResult got;
    got.status = running_domain("web", 7); // 512 MiB, whatever is asked for
    daemon.on("domain.set_memory", always(rpc::MemoryResult{.domain = got.status.domain,
                                                            .target_kib = 262144,
                                                            .max_kib = 524288,
                                                            .memory_kib = 524288}));
    daemon.on("domain.get", always(got));
    const Outcome outcome = run(daemon, {"mem-set", "-w", "1", "web", "256"});
    EXPECT_EQ(outcome.status, 11);
    EXPECT_THAT(outcome.err, HasSubstr("\"web\" has 524288 KiB, 262144 were asked for, and nothing "
                                       "has changed in 1 s"));
    EXPECT_THAT(outcome.err, HasSubstr("balloon driver"));
}

TEST(XlCommands, MoreColumnsOfList) {
    rpc::ListResult list;
    list.domains.push_back(running_domain("web", 7));
    list.domains.push_back(running_domain("ended", 8));
    list.domains[1].shutdown = true;
    list.domains[1].shutdown_reason = "crash";
    list.domains[1].outstanding_kib = 2048;
    FakeDaemon daemon;
    daemon.on("domain.list", listing(list));
    daemon.on("cpupool.list", always(one_pool()));
    const std::string table = run(daemon, {"list"}).out;
    const std::size_t width = table.find('\n', table.find("web")) - table.find("web");
    const std::string verbose = run(daemon, {"list", "-v"}).out;
    EXPECT_THAT(verbose, HasSubstr("Time(s)   UUID                            "
                                   "Reason-Code\tSecurity Label\n"));
    const std::string uuid = "00112233-4455-6677-8899-aabbccddeeff";
    EXPECT_EQ(verbose.substr(verbose.find("web") + width, 63),
              printed(" %s %8s %16s", uuid.c_str(), "-", "-"));
    EXPECT_THAT(verbose, HasSubstr(printed(" %s %8x %16s", uuid.c_str(), 3U, "-")));
    EXPECT_THAT(run(daemon, {"list", "-Z"}).out, HasSubstr("Time(s)   Security Label\n"));
    const std::string pools = run(daemon, {"list", "-c"}).out;
    EXPECT_THAT(pools, HasSubstr("Time(s)         Cpupool\n"));
    EXPECT_EQ(pools.substr(pools.find("web") + width, 17), printed("%16s\n", "Pool-0"));
    const std::string claims = run(daemon, {"claims"}).out;
    EXPECT_THAT(claims, HasSubstr("Time(s)  Claimed\n"));
    EXPECT_TRUE(claims.ends_with(printed(" %5lu\n", 2UL)));
}

TEST(XlCommands, VmList) {
    rpc::ListResult list;
    list.domains = {running_domain("web", 7), running_domain("between", kNoDomain.value())};
    FakeDaemon daemon;
    daemon.on("domain.list", listing(list));
    EXPECT_EQ(run(daemon, {"vm-list"}).out,
              "UUID                                  ID    name\n" +
                  printed("%s  %d    %-30s\n", "00112233-4455-6677-8899-aabbccddeeff", 7, "web"));
}

TEST(XlCommands, UptimeInBothForms) {
    rpc::UptimeResult result;
    const auto add = [&](const std::string& name, std::optional<std::uint64_t> uptime) {
        result.domains.push_back({running_domain(name, 7).domain, uptime});
    };
    add("young", 3661);
    add("day", 86'400 + 59);
    add("old", 10 * 86'400 + 12 * 3600);
    add("unknown", std::nullopt);
    FakeDaemon daemon;
    daemon.on("domain.uptime", always(result));
    const std::string header = printed("%-33s %4s %s\n", "Name", "ID", "Uptime");
    const auto row = [](const char* name, const char* uptime) {
        return printed("%-33s %4d %s\n", name, 7, uptime);
    };
    EXPECT_EQ(run(daemon, {"uptime"}).out,
              header + row("young", " 1:01:01") + row("day", "1 day,  0:00:59") +
                  row("old", "10 days, 12:00:00") + row("unknown", "-"));
    const std::string brief = run(daemon, {"uptime", "-s"}).out;
    EXPECT_THAT(brief, HasSubstr(" up  1:01, young (7)\n"));
    EXPECT_THAT(brief, HasSubstr(" up 10 days, 12:00, old (7)\n"));
}

TEST(XlCommands, SharesOfTheCpus) {
    rpc::SchedulingResult result;
    result.domains.push_back({.domain = running_domain("web", 7).domain,
                              .cpupool = 0,
                              .scheduler = "credit2",
                              .weight = 256,
                              .cap = 50,
                              .node_affinity = "all"});
    FakeDaemon daemon;
    daemon.on("domain.scheduling", always(result));
    daemon.on("cpupool.list", always(one_pool()));
    daemon.on("domain.set_scheduling", always(result.domains[0]));
    const std::string pool = "Cpupool Pool-0: ratelimit=1000us\n";
    const std::string header = printed("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
    const std::string row = printed("%-33s %4d %6d %4d\n", "web", 7, 256, 50);
    EXPECT_EQ(run(daemon, {"sched-credit2"}).out, pool + header + row);
    EXPECT_EQ(run(daemon, {"sched-credit2", "-p", "Pool-0"}).out, pool + header + row);
    EXPECT_EQ(run(daemon, {"sched-credit2", "-s"}).out, pool);
    EXPECT_EQ(run(daemon, {"sched-credit2", "-d", "web"}).out, header + row);
    EXPECT_EQ(run(daemon, {"sched-credit"}).out, ""); // no pool runs it
    EXPECT_EQ(run(daemon, {"sched-credit", "-d", "web"}).status, 5);
    EXPECT_EQ(run(daemon, {"sched-credit2", "-d", "web", "-w", "512"}).out, "");
    EXPECT_EQ(daemon.log().back(), R"(domain.set_scheduling {"name":"web","weight":512})");
    EXPECT_THAT(run(daemon, {"sched-credit2", "-w", "512"}).err,
                HasSubstr("Must specify a domain."));
    EXPECT_THAT(run(daemon, {"sched-credit2", "-p", "nosuch"}).err,
                HasSubstr("unknown cpupool 'nosuch'"));
}

TEST(XlCommands, CpuPools) {
    FakeDaemon daemon;
    daemon.on("cpupool.list", always(one_pool()));
    EXPECT_EQ(run(daemon, {"cpupool-list"}).out,
              printed("%-19s", "Name") + "CPUs   Sched     Active   Domain count\n" +
                  printed("%-19s%3d %9s       y       %4d\n", "Pool-0", 3, "credit2", 5));
    EXPECT_EQ(run(daemon, {"cpupool-list", "-c", "Pool-0"}).out,
              printed("%-19sCPU list\n%-19s0,1,3\n", "Name", "Pool-0"));
    EXPECT_THAT(run(daemon, {"cpupool-list", "x"}).err, HasSubstr("Pool 'x' does not exist"));
}

rpc::SystemInfo host_of_credit2() {
    rpc::SystemInfo host;
    host.xen_scheduler = "credit2";
    return host;
}

/// Two nodes of two CPUs; node 1's are in no pool.
rpc::TopologyResult two_nodes() {
    rpc::TopologyResult host;
    for (unsigned cpu = 0; cpu < 4; ++cpu)
        host.cpus.push_back({.cpu = cpu, .core = cpu % 2, .socket = cpu / 2, .node = cpu / 2});
    host.nodes = {{.node = 0, .memory_kib = 8 << 20, .free_kib = 1 << 20, .distances = {10, 20}},
                  {.node = 1, .memory_kib = 4 << 20, .free_kib = 1 << 10, .distances = {20, 10}}};
    return host;
}

TEST(XlCommands, PoolsAreMadeOfAConfigOrOfWords) {
    FakeDaemon daemon;
    rpc::CpuPoolsResult pools = one_pool();
    pools.pools[0].cpus = {0, 1};
    daemon.on("cpupool.list", always(pools));
    daemon.on("system.topology", always(two_nodes()));
    daemon.on("system.info", always(host_of_credit2()));
    daemon.on("cpupool.create", always(pools.pools[0]));
    const std::string said = "Using config file \"command line\"\ncpupool name:   blue\n"
                             "scheduler:      credit\nnumber of cpus: 2\n";
    const std::vector<std::string> words{"name=blue", "sched=credit", "cpus=2-3"};
    const auto create = [&](std::vector<std::string> more) {
        std::vector<std::string> all{"cpupool-create"};
        all.insert(all.end(), more.begin(), more.end());
        return run(daemon, all);
    };
    EXPECT_EQ(create({"-n", words[0], words[1], words[2]}).out, said);
    EXPECT_NE(daemon.calls.back().first, "cpupool.create");
    EXPECT_EQ(create(words).out, said);
    EXPECT_EQ(daemon.log().back(),
              R"(cpupool.create {"cpus":"2,3","name":"blue","scheduler":"credit"})");
    create({"name=b", "nodes=[1]"});
    EXPECT_EQ(daemon.log().back(),
              R"(cpupool.create {"cpus":"2,3","name":"b","scheduler":"credit2"})");
    EXPECT_THAT(create({"name=b", "nodes=[0]"}).err, HasSubstr("no CPU of node 0 is free"));
    EXPECT_THAT(create({"sched=credit"}).err, HasSubstr("the CPU pool has no name"));
}

TEST(XlCommands, PoolsAreChangedByOneCall) {
    FakeDaemon daemon;
    const nlohmann::json pool = one_pool().pools[0];
    for (const char* method : {"cpupool.update", "cpupool.destroy"})
        daemon.on(method, always(pool));
    daemon.on("domain.set_cpupool", always(running_domain("web", 7).domain));
    const auto asks = [&](const std::vector<std::string>& words) {
        EXPECT_EQ(run(daemon, words).out, "");
        return daemon.log().back();
    };
    EXPECT_EQ(asks({"cpupool-destroy", "blue"}), R"(cpupool.destroy {"pool":"blue"})");
    EXPECT_EQ(asks({"cpupool-rename", "blue", "red"}),
              R"(cpupool.update {"new_name":"red","pool":"blue"})");
    EXPECT_EQ(asks({"cpupool-cpu-add", "1", "node:1"}),
              R"(cpupool.update {"add_cpus":"node:1","pool":"1"})");
    EXPECT_EQ(asks({"cpupool-cpu-remove", "Pool-0", "2-3"}),
              R"(cpupool.update {"pool":"Pool-0","remove_cpus":"2-3"})");
    EXPECT_EQ(asks({"cpupool-migrate", "web", "blue"}),
              R"(domain.set_cpupool {"name":"web","pool":"blue"})");
}

TEST(XlCommands, NodesGetAPoolEach) {
    FakeDaemon daemon;
    rpc::CpuPoolsResult pools = one_pool();
    pools.pools[0].cpus = {0, 1, 2, 3};
    daemon.on("cpupool.list", always(pools));
    daemon.on("system.topology", always(two_nodes()));
    rpc::GetResult dom0;
    dom0.status = running_domain("Domain-0", 0);
    dom0.status.vcpus_online = 2;
    daemon.on("domain.get", always(dom0));
    for (const char* method : {"cpupool.update", "cpupool.create"})
        daemon.on(method, always(pools.pools[0]));
    EXPECT_EQ(run(daemon, {"cpupool-numa-split"}).status, 0);
    const auto log = daemon.log();
    ASSERT_GE(log.size(), 3U);
    EXPECT_EQ(log[log.size() - 3], R"(cpupool.update {"new_name":"Pool-node0","pool":"0"})");
    EXPECT_EQ(log[log.size() - 2], R"(cpupool.update {"pool":"0","remove_cpus":"2,3"})");
    EXPECT_EQ(log.back(),
              R"(cpupool.create {"cpus":"2,3","name":"Pool-node1","scheduler":"credit2"})");
    pools.pools.push_back(pools.pools[0]);
    daemon.on("cpupool.list", always(pools));
    EXPECT_THAT(run(daemon, {"cpupool-numa-split"}).err, HasSubstr("splitting not possible"));
}

TEST(XlCommands, SchedulersParametersAreToldAndSet) {
    FakeDaemon daemon;
    daemon.on("cpupool.list", always(one_pool()));
    daemon.on("cpupool.update", always(one_pool().pools[0]));
    EXPECT_EQ(run(daemon, {"sched-credit2", "-s", "-r", "500"}).out, "");
    EXPECT_EQ(daemon.log().back(), R"(cpupool.update {"pool":"0","ratelimit_us":500})");
    EXPECT_THAT(run(daemon, {"sched-credit", "-s", "-t", "5"}).err,
                HasSubstr("CPU pool '0' does not run credit"));
    EXPECT_THAT(run(daemon, {"sched-credit", "-r", "5"}).err, HasSubstr("Must specify schedparam"));
    EXPECT_THAT(run(daemon, {"sched-credit", "-s", "-d", "web"}).err,
                HasSubstr("not allowed with domain options"));
}

TEST(XlCommands, Credit2HasRulesOfItsOwn) { // [tools/xl/xl_sched.c main_sched_credit2]
    FakeDaemon daemon;
    daemon.on("cpupool.list", always(one_pool()));
    daemon.on("domain.scheduling", always(rpc::SchedulingResult{}));
    const std::string pool = "Cpupool Pool-0: ratelimit=1000us\n";
    EXPECT_EQ(run(daemon, {"sched-credit2", "-s", "-d", "web"}).out, pool);
    EXPECT_THAT(run(daemon, {"sched-credit2", "-r", "5"}).out, ::testing::StartsWith(pool));
    for (const auto& [method, params] : daemon.calls)
        EXPECT_TRUE(method == "cpupool.list" || method == "domain.scheduling") << method;
    EXPECT_EQ(run(daemon, {"sched-credit2", "-p", "0", "-d", "web"}).err,
              "pvhctl: error: Specifying a cpupool is not allowed with other options.\n");
}

TEST(XlCommands, RtdsHasXlsOptions) { // [tools/xl/xl_sched.c main_sched_rtds]
    FakeDaemon daemon;
    daemon.on("cpupool.list", always(one_pool()));
    const auto rtds = [&](const std::vector<std::string>& more) {
        std::vector<std::string> all{"sched-rtds"};
        all.insert(all.end(), more.begin(), more.end());
        return run(daemon, all);
    };
    for (const std::vector<std::string>& lists :
         {std::vector<std::string>{}, {"-v", "all"}, {"--cpupool", "Pool-0"}}) {
        const Outcome outcome = rtds(lists);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(outcome.out, "");
    }
    EXPECT_EQ(rtds({"-d", "web"}).status, 5);
    EXPECT_THAT(rtds({"-d", "web", "-v", "all", "-p", "1", "-b", "1", "-e", "0"}).err,
                HasSubstr("no CPU pool runs rtds"));
    EXPECT_THAT(rtds({"-p", "Pool-0"}).err, HasSubstr("Missing parameters."));
    EXPECT_THAT(rtds({"-d", "web", "-p", "10000"}).err, HasSubstr("Must specify VCPU."));
    EXPECT_THAT(rtds({"-d", "web", "-v", "all", "-v", "1"}).err, HasSubstr("Incorrect VCPU IDs."));
    EXPECT_THAT(rtds({"-c", "Pool-0", "-v", "all"}).err, HasSubstr("Specifying a cpupool"));
}

TEST(XlCommands, NodesInInfoAndList) {
    FakeDaemon daemon;
    daemon.on("system.info", always(rpc::SystemInfo{}));
    daemon.on("system.topology", always(two_nodes()));
    const std::string info = run(daemon, {"info", "-n"}).out;
    EXPECT_EQ(run(daemon, {"info", "-n", "free_memory"}).out, info); // xl heeds no key there
    EXPECT_THAT(info, HasSubstr("free_cpus              : 0\n"
                                "cpu_topology           :\n"
                                "cpu:    core    socket     node\n"
                                "  0:       0        0        0\n"));
    EXPECT_THAT(info, HasSubstr("device topology        :\n"
                                "device           node\n"
                                "No device topology data available\n"
                                "numa_info              :\n"
                                "node:    memsize    memfree    distances\n"
                                "   0:      8192       1024      10,20\n"
                                "   1:      4096          1      20,10\n"
                                "xen_major"));
    rpc::ListResult list;
    list.domains = {running_domain("web", 7)};
    daemon.on("domain.list", listing(list));
    rpc::SchedulingResult scheduling;
    scheduling.domains.emplace_back();
    scheduling.domains[0].domain = list.domains[0].domain;
    scheduling.domains[0].node_affinity = "0-1";
    daemon.on("domain.scheduling", always(scheduling));
    const std::string table = run(daemon, {"list", "-n"}).out;
    EXPECT_THAT(table, HasSubstr("Time(s) NODE Affinity\n"));
    EXPECT_THAT(table, ::testing::EndsWith(" 0-1\n"));
    EXPECT_EQ(run(daemon, {"list", "-n", "--no-headers"}).out, table.substr(table.find('\n') + 1));
}

TEST(XlCommands, ListsHaveOtherForms) {
    FakeDaemon daemon;
    rpc::ListResult list;
    list.domains = {running_domain("web", 7), running_domain("db", 8)};
    daemon.on("domain.list", listing(list));
    daemon.on("cpupool.list", always(one_pool()));
    EXPECT_EQ(run(daemon, {"list", "-o", "name"}).out, "web\ndb\n");
    EXPECT_EQ(run(daemon, {"list", "-o", "wide"}).out, run(daemon, {"list", "-v", "-c"}).out);
    EXPECT_EQ(run(daemon, {"list", "-o", "json"}).out, run(daemon, {"list", "--json"}).out);
    EXPECT_EQ(run(daemon, {"list", "-o", "yaml"}).status, 2);
    EXPECT_EQ(run(daemon, {"vm-list", "-o", "name"}).out, "web\ndb\n");
    const std::string vms = run(daemon, {"--no-headers", "vm-list", "-o", "wide"}).out;
    EXPECT_THAT(vms, HasSubstr("  7    web                             " + list.domains[0].state));
    EXPECT_EQ(run(daemon, {"cpupool-list", "-o", "name"}).out, "Pool-0\n");
    const std::string wide = run(daemon, {"cpupool-list", "-o", "wide"}).out;
    EXPECT_THAT(wide, HasSubstr("Domain count CPU list\n"));
    EXPECT_EQ(wide.find("0,1,3") - wide.find("Pool-0"), wide.find("CPU list"));
    rpc::DevicesResult devices{.domain = list.domains[0].domain, .devices = {}};
    devices.devices.resize(2);
    devices.devices[0].kind = "vbd";
    devices.devices[0].vdev = "xvda";
    devices.devices[0].target = "/d";
    devices.devices[0].writable = true;
    devices.devices[1].kind = "vif";
    devices.devices[1].mac = "00:16:3e:00:00:01";
    devices.devices[1].bridge = "br0";
    daemon.on("device.list", always(devices));
    EXPECT_EQ(run(daemon, {"block-list", "web", "-o", "name"}).out, "xvda\n");
    const std::string disks = run(daemon, {"block-list", "web", "-o", "wide"}).out;
    EXPECT_THAT(disks, HasSubstr(" Name  Mode Target\n"));
    EXPECT_THAT(disks, ::testing::EndsWith(" xvda  w    /d\n"));
    EXPECT_THAT(run(daemon, {"network-list", "web", "-o", "wide"}).out,
                ::testing::EndsWith(" br0\n"));
}

TEST(XlCommands, PinsOneVcpuOrAll) {
    FakeDaemon daemon;
    daemon.on("domain.pin_vcpu", always(running_domain("web", 7).domain));
    run(daemon, {"vcpu-pin", "web", "0", "0-3,^1"});
    EXPECT_EQ(daemon.log().back(), R"(domain.pin_vcpu {"hard":"0-3,^1","name":"web","vcpu":0})");
    run(daemon, {"vcpu-pin", "web", "all", "-", "2"});
    EXPECT_EQ(daemon.log().back(), R"(domain.pin_vcpu {"name":"web","soft":"2"})");
    const std::size_t calls = daemon.calls.size();
    EXPECT_EQ(run(daemon, {"vcpu-pin", "web", "0", "-"}).status, 0);
    EXPECT_EQ(run(daemon, {"vcpu-pin", "web", "first", "0"}).status, 7);
    EXPECT_EQ(daemon.calls.size(), calls);
}

TEST(XlCommands, TheRestAsksForOneThing) {
    FakeDaemon daemon;
    const nlohmann::json domain = running_domain("web", 7).domain;
    for (const char* method : {"domain.rename", "domain.trigger", "domain.sysrq"})
        daemon.on(method, always(domain));
    daemon.on("system.debug_keys", always(nlohmann::json::object()));
    daemon.on("system.dmesg", always({{"text", "(XEN) one\n\n(XEN) two"}}));
    run(daemon, {"rename", "web", "www"});
    EXPECT_EQ(daemon.log().back(), R"(domain.rename {"name":"web","new_name":"www"})");
    run(daemon, {"trigger", "web", "nmi"});
    EXPECT_EQ(daemon.log().back(), R"(domain.trigger {"name":"web","trigger":"nmi","vcpu":0})");
    run(daemon, {"sysrq", "web", "h"});
    EXPECT_EQ(daemon.log().back(), R"(domain.sysrq {"key":"h","name":"web"})");
    run(daemon, {"debug-keys", "h"});
    EXPECT_EQ(daemon.log().back(), R"(system.debug_keys {"keys":"h"})");
    EXPECT_EQ(run(daemon, {"dmesg", "-c"}).out, "(XEN) one\n\n(XEN) two\n");
    EXPECT_EQ(daemon.log().back(), R"(system.dmesg {"clear":true})");
}

} // namespace
} // namespace pvh::cli::test
