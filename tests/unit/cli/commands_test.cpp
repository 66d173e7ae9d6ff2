// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/exit_status.h"
#include "tests/unit/cli/fake_daemon.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {

namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kHeader =
    "Name                                        ID   Mem VCPUs\tState\tTime(s)\n";

json get_result(const std::string& name, std::uint16_t domid,
                std::optional<DomainSpec> spec = DomainSpec{}) {
    rpc::GetResult result;
    result.status = running_domain(name, domid);
    result.spec = std::move(spec);
    return result;
}

json identity(const std::string& name, std::uint16_t domid) {
    return running_domain(name, domid).domain;
}

TEST(Usage, NamesTheCommandThatWasMeant) {
    FakeDaemon daemon;
    const Outcome outcome = run(daemon, {"--socket", "x", "lst", "web"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err,
                StartsWith(R"(pvhctl: error: there is no command "lst"; did you mean "list"?)"));
    EXPECT_THAT(run(daemon, {"frobnicate"}).err,
                StartsWith(R"(pvhctl: error: there is no command "frobnicate")"));
    EXPECT_THAT(run(daemon, {"--sock", "x", "list"}).err,
                StartsWith("pvhctl: error: pvhctl has no option --sock\n"));
    EXPECT_THAT(run(daemon, {"--socket", "x", "--json", "jobs", "-o", "name"}).err,
                StartsWith("pvhctl: error: jobs has no option -o\n"));
    EXPECT_THAT(run(daemon, {"domid", "web", "db"}).err,
                StartsWith("pvhctl: error: domid does not take \"db\" as well\n"));
    EXPECT_THAT(run(daemon, {"vcpu-set", "web", "2x"}).err,
                StartsWith("pvhctl: error: N does not take \"2x\"\n"));
    EXPECT_THAT(run(daemon, {}).err, HasSubstr("subcommand is required"));
}

TEST(List, PrintsTheTableOfXl) {
    FakeDaemon daemon;
    rpc::ListResult list;
    list.domains = {running_domain("Domain-0", 0), running_domain("web", 7)};
    daemon.on("domain.list", listing(list));
    const Outcome outcome = run(daemon, {"list"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(
        outcome.out,
        std::string{kHeader} +
            "Domain-0                                     0   512     2     -b----       1.2\n"
            "web                                          7   512     2     -b----       1.2\n");
    EXPECT_THAT(outcome.err, IsEmpty());
}

TEST(List, AsksForTheDomainsGiven) {
    FakeDaemon daemon;
    daemon.on("domain.get", always(get_result("web", 7)));
    EXPECT_THAT(run(daemon, {"list", "web", "7"}).out, StartsWith(kHeader));
    EXPECT_THAT(daemon.log(),
                ElementsAre(R"(domain.get {"name":"web"})", R"(domain.get {"domid":7})"));
}

TEST(List, UsesTheWordsOfXlForWhatIsMissing) {
    FakeDaemon daemon;
    daemon.on("domain.get", failing(Errc::not_found, "there is no domain"));
    const Outcome by_name = run(daemon, {"list", "web"});
    EXPECT_EQ(by_name.status, exit_status(Errc::not_found));
    EXPECT_EQ(by_name.out, "");
    EXPECT_EQ(by_name.err, "pvhctl: error: web is an invalid domain identifier (rc=-6)\n");
    EXPECT_EQ(run(daemon, {"list", "77"}).err, "pvhctl: error: Domain '77' does not exist.\n");
}

TEST(List, KnowsWhoIsBetweenTwoLivesAndWhy) {
    FakeDaemon daemon;
    daemon.on("domain.get", [](const json&) -> json {
        throw Error{Errc::busy, "restart is under way"};
    });
    rpc::ListResult list;
    list.domains = {running_domain("other", 3), running_domain("web", kNoDomain.value())};
    list.domains[1].remark = "its restart failed: no kernel";
    daemon.on("domain.list", listing(list));
    const Outcome outcome = run(daemon, {"list", "web"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, StartsWith(std::string{kHeader} + "web "));
    EXPECT_THAT(outcome.out, Not(HasSubstr("other")));
    EXPECT_EQ(outcome.err, "web: its restart failed: no kernel\n");
    EXPECT_EQ(run(daemon, {"list", "nobody"}).status, 6);
}

TEST(List, PrintsTheAnswerAsJson) {
    FakeDaemon daemon;
    rpc::ListResult list;
    list.domains = {running_domain("web", 7)};
    const json answer = list;
    daemon.on("domain.list", listing(list));
    daemon.on("domain.get", always(get_result("web", 7)));
    EXPECT_EQ(json::parse(run(daemon, {"list", "--json"}).out), answer);
    EXPECT_EQ(json::parse(run(daemon, {"--json", "list", "web"}).out), answer);
}

TEST(List, AsksForNoMoreThanItPrints) {
    FakeDaemon daemon;
    rpc::ListResult list;
    list.domains = {running_domain("web", 7)};
    daemon.on("domain.list", listing(list));
    EXPECT_EQ(run(daemon, {"list", "-o", "name"}).out, "web\n");
    EXPECT_THAT(daemon.log(), ElementsAre(R"(domain.list {"fields":["name","domid"]})"));
    EXPECT_EQ(run(daemon, {"list", "-o", "wide"}).status, 1); // pools are not answered here
    EXPECT_THAT(daemon.log()[1], HasSubstr(R"("uuid","cpupool")"));
}

TEST(List, EscapesNamesOnATerminalOnly) {
    FakeDaemon daemon;
    rpc::ListResult list;
    list.domains = {running_domain("a\x1b[2J", 7)};
    daemon.on("domain.list", listing(list));
    EXPECT_THAT(run(daemon, {"list"}, true).out, HasSubstr("a\\x1b[2J"));
    EXPECT_THAT(run(daemon, {"list"}, false).out, HasSubstr("a\x1b[2J"));
}

TEST(Simple, CommandsNameEachDomainAndAreSilent) {
    for (const std::string command : {"pause", "unpause", "destroy"}) {
        FakeDaemon daemon;
        daemon.on("domain." + command, always(identity("web", 7)));
        const Outcome outcome =
            run(daemon, {command, "web", "00112233-4455-6677-8899-aabbccddeeff"});
        EXPECT_EQ(outcome.status, 0);
        EXPECT_EQ(outcome.out + outcome.err, "");
        EXPECT_THAT(daemon.log(),
                    ElementsAre("domain." + command + R"( {"name":"web"})",
                                "domain." + command +
                                    R"( {"uuid":"00112233-4455-6677-8899-aabbccddeeff"})"));
    }
}

TEST(Simple, CommandsGoOnAfterAFailureAndKeepTheFirstStatus) {
    FakeDaemon daemon;
    daemon.on("domain.pause", [](const json& params) -> json {
        if (params.value("name", "") == "a") throw Error{Errc::not_found, "no a"}.with_hint("look");
        if (params.value("name", "") == "b") throw Error{Errc::busy, "b is busy"};
        return identity("c", 3);
    });
    const Outcome outcome = run(daemon, {"pause", "a", "b", "c"});
    EXPECT_EQ(outcome.status, exit_status(Errc::not_found));
    EXPECT_EQ(outcome.err, "pvhctl: error: no a\nhint: look\npvhctl: error: b is busy\n");
    EXPECT_EQ(daemon.calls.size(), 3U);
}

TEST(Translation, PrintsNumberAndName) {
    FakeDaemon daemon;
    daemon.on("domain.get", always(get_result("web", 7)));
    EXPECT_EQ(run(daemon, {"domid", "web"}).out, "7\n");
    EXPECT_EQ(run(daemon, {"domname", "7"}).out, "web\n");
}

TEST(Translation, TakesANumberForANameAsXlDoes) {
    FakeDaemon daemon;
    daemon.on("domain.get", failing(Errc::not_found, "none"));
    const Outcome outcome = run(daemon, {"domid", "0"});
    EXPECT_EQ(outcome.status, exit_status(Errc::not_found));
    EXPECT_THAT(outcome.err,
                HasSubstr("Can't get domid of domain name '0', maybe this domain does not exist."));
    EXPECT_THAT(daemon.log(), ElementsAre(R"(domain.get {"name":"0"})"));
}

TEST(Translation, RefusesANameForANumber) {
    FakeDaemon daemon;
    const Outcome outcome = run(daemon, {"domname", "web"});
    EXPECT_EQ(outcome.status, kUsage);
    EXPECT_THAT(outcome.err, HasSubstr("Invalid domain id."));
    EXPECT_THAT(daemon.log(), IsEmpty());
}

TEST(Info, PrintsAllOrTheValuesOfAPrefix) {
    FakeDaemon daemon;
    rpc::SystemInfo info;
    info.xen_major = 4;
    info.xen_minor = 17;
    info.total_memory_mib = 4095;
    daemon.on("system.info", always(info));
    EXPECT_THAT(run(daemon, {"info"}).out, HasSubstr("total_memory           : 4095\n"));
    EXPECT_EQ(run(daemon, {"info", "total_memory"}).out, "4095\n");
    EXPECT_THAT(run(daemon, {"info", "xen_m"}).out, "4\n17\n");
    EXPECT_EQ(run(daemon, {"info", "nothing"}).out, "");
}

TEST(Version, NeedsNoDaemon) {
    FakeDaemon daemon;
    daemon.on("system.info", failing(Errc::not_found, "connect"));
    const Outcome outcome = run(daemon, {"version"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "pvhctl 0.1.0\n");
    EXPECT_THAT(outcome.err, HasSubstr("connect"));
}

TEST(Answers, ThatMakeNoSenseAreErrors) {
    FakeDaemon daemon;
    daemon.on("domain.list", always("what?"));
    const Outcome outcome = run(daemon, {"list"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("pvhd's answer to domain.list makes no sense"));
}

/// A config in a folder of its own, for as long as this lives.
class ConfigFile {
  public:
    explicit ConfigFile(const std::string& text) { std::ofstream{path_} << text; }

    ConfigFile(const ConfigFile&) = delete;
    ConfigFile& operator=(const ConfigFile&) = delete;
    ConfigFile(ConfigFile&&) = delete;
    ConfigFile& operator=(ConfigFile&&) = delete;

    ~ConfigFile() { std::filesystem::remove(path_); }

    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_ = ::testing::TempDir() + "pvhctl_test_" + std::to_string(::getpid()) + ".cfg";
};

TEST(Create, SendsTheTextWithEverythingAroundIt) {
    const ConfigFile file{"name = 'web'\n"};
    FakeDaemon daemon;
    rpc::CreateResult result;
    result.domain = running_domain("web", 7).domain;
    result.warnings = {"web.cfg:1:1: warning: something"};
    daemon.on("domain.create", always(result));
    const Outcome outcome = run(daemon, {"create", file.path(), "memory=64", "extra=quiet", "-p"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err,
              "Parsing config from " + file.path() + "\nweb.cfg:1:1: warning: something\n");
    const auto params = daemon.calls.at(0).second.get<rpc::CreateParams>();
    EXPECT_EQ(params.config, "name = 'web'\n");
    EXPECT_EQ(params.config_name, file.path());
    EXPECT_THAT(params.overrides, ElementsAre("memory=64", "extra=quiet"));
    EXPECT_EQ(params.directory, std::filesystem::current_path());
    EXPECT_TRUE(params.paused);
}

TEST(VcpuList, PrintsTheTableOfXl) {
    rpc::VcpusResult result;
    result.domains.push_back({.domain = running_domain("web", 7).domain,
                              .vcpus = {{.vcpu = 0,
                                         .online = true,
                                         .blocked = true,
                                         .running = false,
                                         .cpu = 3,
                                         .cpu_time_ns = 12'340'000'000,
                                         .hard_affinity = "0-3,5",
                                         .soft_affinity = "all"},
                                        {.vcpu = 1,
                                         .online = false,
                                         .blocked = false,
                                         .running = false,
                                         .cpu = 0,
                                         .cpu_time_ns = 0,
                                         .hard_affinity = "all",
                                         .soft_affinity = "none"}}});
    FakeDaemon daemon;
    daemon.on("domain.vcpus", always(result));
    EXPECT_EQ(run(daemon, {"vcpu-list"}).out,
              "Name                                ID  VCPU   CPU State   Time(s) Affinity "
              "(Hard / Soft)\n"
              "web                                  7     0    3   -b-      12.3  0-3,5 / all\n"
              "web                                  7     1    -   --p       0.0  all / none\n");
    EXPECT_EQ(daemon.log().back(), "domain.vcpus {}");
    EXPECT_EQ(run(daemon, {"vcpu-list", "-o", "name"}).out, "web 0\nweb 1\n");
    const std::string wide = run(daemon, {"vcpu-list", "-o", "wide"}).out;
    EXPECT_EQ(wide.find("web"), wide.find("Name") + wide.find('\n') + 1);
    EXPECT_EQ(run(daemon, {"vcpu-list", "web"}).out, run(daemon, {"vcpu-list"}).out);
    daemon.on("domain.vcpus", failing(Errc::not_found, "there is no domain nosuch"));
    EXPECT_EQ(run(daemon, {"vcpu-list", "nosuch"}).out, "");
    daemon.on("domain.vcpus", always(result));
    run(daemon, {"vcpu-list", "web"});
    EXPECT_EQ(daemon.log().back(), "domain.vcpus {\"name\":\"web\"}");
}

TEST(DeviceLists, PrintTheTablesOfXl) {
    rpc::DeviceStatus disk;
    disk.kind = "vbd";
    disk.devid = 51712;
    disk.backend_path = "/local/domain/0/backend/vbd/7/51712";
    disk.state = 4;
    disk.event_channel = 12;
    disk.ring_ref = 8;
    rpc::DeviceStatus nic;
    nic.kind = "vif";
    nic.backend_path = "/local/domain/0/backend/vif/7/0";
    nic.state = 1;
    nic.mac = "00:16:3e:00:00:01";
    FakeDaemon daemon;
    daemon.on("device.list",
              always(rpc::DevicesResult{running_domain("web", 7).domain, {disk, nic}}));
    EXPECT_EQ(run(daemon, {"block-list", "web"}).out,
              "Vdev  BE  handle state evt-ch ring-ref BE-path                       \n"
              "51712 0   7      4     12     8        /local/domain/0/backend/vbd/7/51712\n");
    EXPECT_EQ(
        run(daemon, {"network-list", "web"}).out,
        "Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path                  "
        "     \n"
        "0   0  00:16:3e:00:00:01     0     1     -1    -1/-1          "
        "/local/domain/0/backend/vif/7/0\n");
    EXPECT_THAT(run(daemon, {"--json", "network-list", "web"}).out, Not(HasSubstr("vbd")));
    rpc::DeviceStatus pty;
    pty.kind = "console";
    pty.devid = 1;
    pty.state = 4;
    pty.event_channel = 7;
    pty.ring_ref = 8;
    pty.connection = "pty";
    pty.path = "/dev/pts/3";
    rpc::DeviceStatus socket;
    socket.kind = "console";
    socket.devid = 2;
    socket.state = 1;
    socket.connection = "socket";
    socket.path = "/run/s";
    daemon.on("device.list",
              always(rpc::DevicesResult{running_domain("web", 7).domain, {pty, socket}}));
    EXPECT_EQ(run(daemon, {"channel-list", "web"}).out,
              "Idx BE state evt-ch ring-ref connection                               \n"
              "0   0  4     7      8        pty        /dev/pts/3                     \n"
              "1   0  1     -1     -1       socket     \n");
}

TEST(Console, FindsAChannelByItsName) {
    rpc::DeviceStatus disk;
    disk.kind = "vbd";
    rpc::DeviceStatus channel;
    channel.kind = "console";
    channel.devid = 1;
    channel.name = "org.x";
    channel.connection = "socket";
    channel.path = "/nowhere/agent";
    FakeDaemon daemon;
    daemon.on("device.list",
              always(rpc::DevicesResult{running_domain("web", 7).domain, {disk, channel}}));
    const Outcome unknown = run(daemon, {"console", "--channel", "org.y", "web"});
    EXPECT_EQ(unknown.status, exit_status(Errc::not_found));
    EXPECT_THAT(unknown.err, HasSubstr("web has no channel org.y"));
    EXPECT_THAT(unknown.err, HasSubstr("it has org.x"));
    EXPECT_THAT(run(daemon, {"console", "--channel", "org.x", "web"}).err,
                HasSubstr("connect to the channel's socket /nowhere/agent: No such file"));
    EXPECT_THAT(run(daemon, {"--json", "console", "--channel", "org.x", "web"}).out,
                HasSubstr("/nowhere/agent"));
    EXPECT_NE(run(daemon, {"console", "--channel", "org.x", "--replay", "web"}).status, 0);
    channel.path = "";
    daemon.on("device.list",
              always(rpc::DevicesResult{running_domain("web", 7).domain, {channel}}));
    EXPECT_THAT(run(daemon, {"console", "--channel", "org.x", "web"}).err,
                HasSubstr("channel org.x of web is not served yet"));
}

TEST(VcpuSet, AsksBeforeTheHostIsOvercommitted) {
    FakeDaemon daemon;
    rpc::SystemInfo info;
    info.max_cpu_id = 1;
    rpc::GetResult got;
    got.status = running_domain("web", 7);
    got.status.vcpus_online = 1;
    daemon.on("system.info", always(info));
    daemon.on("domain.get", always(got));
    daemon.on("domain.set_vcpus", always(got.status.domain));
    EXPECT_EQ(run(daemon, {"vcpu-set", "web", "2"}).status, 0);
    EXPECT_EQ(daemon.log().back(), "domain.set_vcpus {\"name\":\"web\",\"vcpus\":2}");
    EXPECT_EQ(run(daemon, {"vcpu-set", "web", "3"}).status, exit_status(Errc::invalid_config));
    EXPECT_EQ(run(daemon, {"vcpu-set", "-i", "web", "3"}).status, 0);
    EXPECT_EQ(daemon.log().back(), "domain.set_vcpus {\"name\":\"web\",\"vcpus\":3}");
    got.status.vcpus_online = 4; // taking some away is no overcommitment
    daemon.on("domain.get", always(got));
    EXPECT_EQ(run(daemon, {"vcpu-set", "web", "3"}).status, 0);
}

TEST(Create, SendsAJsonSpecAsSuch) {
    FakeDaemon daemon;
    rpc::CreateResult result;
    result.domain = running_domain("web", 7).domain;
    daemon.on("domain.create", always(result));
    const ConfigFile file{"\n {\"name\": \"web\", \"vcpus\": 3}"};
    EXPECT_EQ(run(daemon, {"create", "-q", file.path()}).status, 0);
    const auto params = daemon.calls.at(0).second.get<rpc::CreateParams>();
    EXPECT_FALSE(params.config.has_value());
    EXPECT_EQ(params.spec.value().value.vcpus, 3U);

    EXPECT_EQ(run(daemon, {"create", "-q", file.path(), "memory=1"}).status, kUsage);
    const ConfigFile typo{"{\"name\": \"web\", \"vcpu\": 3}"};
    const Outcome outcome = run(daemon, {"create", "-q", typo.path()});
    EXPECT_EQ(outcome.status, exit_status(Errc::invalid_config));
    EXPECT_THAT(outcome.err, HasSubstr("unknown member \"vcpu\"; did you mean \"vcpus\"?"));
    const ConfigFile broken{"{ name"};
    EXPECT_EQ(run(daemon, {"create", "-q", broken.path()}).status,
              exit_status(Errc::invalid_config));
    EXPECT_EQ(daemon.calls.size(), 1U);
}

TEST(Create, AsksForStrictnessWhenTold) {
    FakeDaemon daemon;
    rpc::CreateResult result;
    result.domain = running_domain("web", 7).domain;
    daemon.on("domain.create", always(result));
    run(daemon, {"create", "-q", "--strict", "/dev/null", "name=web"});
    EXPECT_TRUE(daemon.calls.at(0).second.get<rpc::CreateParams>().strict);
}

TEST(Create, IsQuietWhenAsked) {
    FakeDaemon daemon;
    rpc::CreateResult result;
    result.domain = running_domain("web", 7).domain;
    daemon.on("domain.create", always(result));
    EXPECT_EQ(run(daemon, {"create", "-q", "/dev/null", "name=web"}).err, "");
    EXPECT_FALSE(daemon.calls.at(0).second.get<rpc::CreateParams>().paused);
}

TEST(Create, PrintsTheReportOfAConfigAsItIs) {
    FakeDaemon daemon;
    daemon.on("domain.create",
              failing(Errc::invalid_config, "t.cfg:4:1: error: bad\n    x\n    ^"));
    const Outcome outcome = run(daemon, {"create", "-q", "/dev/null"});
    EXPECT_EQ(outcome.status, exit_status(Errc::invalid_config));
    EXPECT_EQ(outcome.err,
              "t.cfg:4:1: error: bad\n    x\n    ^\npvhctl: error: the config was not accepted\n");
}

TEST(Create, OfADirectoryIsOneClearError) {
    FakeDaemon daemon;
    const Outcome outcome = run(daemon, {"create", "-q", "/tmp"});
    EXPECT_EQ(outcome.status, exit_status(Errc::invalid_config));
    EXPECT_EQ(outcome.err, "pvhctl: error: config /tmp is a directory, a regular file is wanted\n");
    EXPECT_THAT(daemon.log(), IsEmpty());
}

TEST(Create, WarnsOfBytesThatCannotTravel) {
    const ConfigFile file{"# fine\nextra = \"\xE4\"\n"};
    FakeDaemon daemon;
    daemon.on("domain.create", failing(Errc::busy, "later"));
    EXPECT_THAT(run(daemon, {"create", "-q", file.path()}).err,
                StartsWith(file.path() + ":2: warning: this line is not UTF-8"));
}

TEST(Create, WarnsOfTheFirstLinesThatCannotTravel) {
    std::string text = "# \xE4\r\n# fine \xC3\xA4\n";
    for (unsigned line = 3; line <= 8; ++line)
        text += "# \xFC\n";
    const ConfigFile file{text};
    FakeDaemon daemon;
    daemon.on("domain.create", failing(Errc::busy, "later"));
    std::string expected;
    for (const char* line : {"1", "3", "4", "5", "6"})
        expected += file.path() + ":" + line +
                    ": warning: this line is not UTF-8, its odd bytes are replaced\n";
    EXPECT_EQ(run(daemon, {"create", "-q", file.path()}).err, expected + "pvhctl: error: later\n");
}

TEST(Create, WithDryRunPlansOnly) {
    FakeDaemon daemon;
    rpc::PlanResult plan;
    plan.spec.name = "web";
    plan.warnings = {"w"};
    daemon.on("domain.plan", always(plan));
    for (const char* option : {"-n", "--dry-run", "--dryrun"}) {
        const Outcome outcome = run(daemon, {"create", "-q", option, "/dev/null"});
        EXPECT_THAT(outcome.out, StartsWith("name          web\n"));
        EXPECT_EQ(outcome.err, "w\n");
    }
}

TEST(Create, WithTraceTellsTheStages) {
    FakeDaemon daemon;
    rpc::CreateResult result;
    result.domain = running_domain("web", 7).domain;
    result.timeline = {{"populate", 1234}};
    daemon.on("domain.create", always(result));
    EXPECT_EQ(run(daemon, {"create", "-q", "--trace", "/dev/null"}).err,
              "     1234 us  populate\n");
}

TEST(Create, WithConsoleStartsTheDomainEvenIfItHasNone) {
    FakeDaemon daemon;
    rpc::CreateResult result;
    result.domain = running_domain("web", 7).domain;
    daemon.on("domain.create", always(result));
    daemon.on("domain.console", failing(Errc::timeout, "no console"));
    daemon.on("domain.unpause", always(identity("web", 7)));
    const Outcome outcome = run(daemon, {"create", "-q", "-c", "/dev/null"});
    EXPECT_EQ(outcome.status, exit_status(Errc::timeout));
    EXPECT_TRUE(daemon.calls.at(0).second.at("paused"));
    EXPECT_EQ(daemon.calls.at(2).first, "domain.unpause");
}

/// shutdown and reboot: a domain that stops for `reason`.
struct Ending {
    explicit Ending(const DomainSpec& spec, const std::string& reason,
                    const std::string& verb = "shutdown") {
        daemon.on("domain.get", always(get_result("web", 7, spec)));
        daemon.on("domain." + verb, always(identity("web", 7)));
        daemon.on("domain.wait", [reason](const json& params) {
            rpc::WaitResult result;
            result.domain = running_domain("web", 7).domain;
            result.reached = params.at("until");
            result.shutdown_reason = reason;
            return json(result);
        });
    }

    FakeDaemon daemon;
};

TEST(DumpCore, AsksForAnAbsolutePath) {
    FakeDaemon daemon;
    daemon.on("domain.dump_core", always(rpc::DumpCoreResult{}));
    EXPECT_EQ(run(daemon, {"dump-core", "web", "/tmp/core"}).status, 0);
    EXPECT_EQ(daemon.log().back(),
              R"(domain.dump_core {"live":false,"name":"web","path":"/tmp/core"})");
    EXPECT_EQ(run(daemon, {"dump-core", "-L", "web", "core"}).status, 0);
    EXPECT_EQ(daemon.log().back(), R"(domain.dump_core {"live":true,"name":"web","path":")" +
                                       std::filesystem::current_path().string() + R"(/core"})");
    EXPECT_EQ(run(daemon, {"dump-core", "web"}).status, 2);
}

TEST(Wait, GoesOnWhenPvhdIsRestarted) {
    FakeDaemon daemon;
    int asked = 0;
    daemon.on("domain.wait", [&](const json& /*params*/) -> json {
        if (++asked == 1) throw rpc::ConnectionLost{Error{Errc::internal, "it broke"}};
        return rpc::WaitResult{.domain = running_domain("web", 7).domain,
                               .reached = "gone",
                               .shutdown_reason = "poweroff"};
    });
    daemon.on("system.ping", always(json::object()));
    const Outcome outcome = run(daemon, {"wait", "web", "--timeout", "60"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "poweroff\n");
    EXPECT_THAT(outcome.err, HasSubstr("waiting for it to come back"));
    EXPECT_LE(daemon.calls.back().second.at("timeout_ms"), 60000);
}

TEST(Wait, APvhdThatIsStoppingComesBackAsWell) {
    FakeDaemon daemon;
    int asked = 0;
    daemon.on("domain.wait", [&](const json& /*params*/) -> json {
        if (++asked == 1) throw Error{Errc::cancelled, "pvhd is stopping"};
        return rpc::WaitResult{.domain = running_domain("web", 7).domain,
                               .reached = "gone",
                               .shutdown_reason = "poweroff"};
    });
    daemon.on("system.ping", always(json::object()));
    EXPECT_EQ(run(daemon, {"wait", "web"}).out, "poweroff\n");
}

TEST(Wait, ADomainThatEndedMeanwhileIsGone) {
    FakeDaemon daemon;
    int asked = 0;
    daemon.on("domain.wait", [&](const json& /*params*/) -> json {
        if (++asked % 2 == 1) throw rpc::ConnectionLost{Error{Errc::internal, "it broke"}};
        throw Error{Errc::not_found, "there is no domain web"};
    });
    daemon.on("system.ping", always(json::object()));
    EXPECT_EQ(run(daemon, {"wait", "web"}).status, 0);
    EXPECT_EQ(run(daemon, {"wait", "web", "--for", "running"}).status,
              exit_status(Errc::not_found));
    daemon.on("domain.wait", failing(Errc::not_found, "there is no domain web"));
    EXPECT_EQ(run(daemon, {"wait", "web"}).status, exit_status(Errc::not_found));
}

TEST(DumpCore, MayBeAJob) {
    FakeDaemon daemon;
    daemon.on("domain.dump_core", always(rpc::JobBegun{.job = "7"}));
    EXPECT_EQ(run(daemon, {"dump-core", "--job", "web", "/x.core"}).out, "7\n");
    EXPECT_EQ(daemon.calls.back().second.at("mode"), "job");
}

TEST(Shutdown, AsksAndDoesNotWait) {
    Ending ending{DomainSpec{}, "poweroff"};
    const Outcome outcome = run(ending.daemon, {"shutdown", "web"});
    EXPECT_EQ(outcome.status, 0);
    ASSERT_EQ(ending.daemon.calls.size(), 2U);
    EXPECT_EQ(ending.daemon.calls[1].second, (json{{"name", "web"}, {"force", false}}));
}

TEST(Shutdown, WaitsUntilTheDomainIsGone) {
    Ending ending{DomainSpec{}, "poweroff"};
    EXPECT_EQ(run(ending.daemon, {"shutdown", "-w", "--force", "web"}).status, 0);
    ASSERT_EQ(ending.daemon.calls.size(), 4U);
    EXPECT_EQ(ending.daemon.calls[1].second.at("force"), true);
    EXPECT_EQ(run(ending.daemon, {"shutdown", "-wF", "web"}).status, 0); // xl's, which asks first
    EXPECT_EQ(ending.daemon.calls.at(5).second.at("force"), false);
    EXPECT_EQ(ending.daemon.calls[2].second, (json{{"domid", 7}, {"until", "shutdown"}}));
    EXPECT_EQ(ending.daemon.calls[3].second, (json{{"domid", 7}, {"until", "gone"}}));
}

TEST(Shutdown, DoesNotWaitForAPreservedDomainToGo) {
    DomainSpec spec;
    spec.on_poweroff = EndAction::preserve;
    Ending ending{spec, "poweroff"};
    run(ending.daemon, {"shutdown", "-w", "web"});
    EXPECT_EQ(ending.daemon.calls.size(), 3U);
}

TEST(Shutdown, LooksAtTheReasonItReallyStoppedFor) {
    DomainSpec spec;
    spec.on_crash = EndAction::preserve;
    Ending ending{spec, "crash"};
    run(ending.daemon, {"shutdown", "-w", "web"});
    EXPECT_EQ(ending.daemon.calls.size(), 3U);
}

TEST(Shutdown, TakesADomainThatIsGoneBeforeTheWaitForGone) {
    Ending ending{DomainSpec{}, "poweroff"};
    ending.daemon.on("domain.wait", failing(Errc::not_found, "there is no domain"));
    EXPECT_EQ(run(ending.daemon, {"shutdown", "--wait", "web"}).status, 0);
}

TEST(Shutdown, OfAllLeavesDom0Alone) {
    Ending ending{DomainSpec{}, "poweroff"};
    rpc::ListResult list;
    list.domains = {running_domain("Domain-0", 0), running_domain("a", 3), running_domain("b", 4)};
    ending.daemon.on("domain.list", listing(list));
    run(ending.daemon, {"shutdown", "-a"});
    ASSERT_EQ(ending.daemon.calls.size(), 5U);
    EXPECT_EQ(ending.daemon.calls[2].second.at("domid"), 3);
    EXPECT_EQ(ending.daemon.calls[4].second.at("domid"), 4);
}

TEST(Shutdown, OfAllCallsOffWhatWaitsForItsRestart) {
    Ending ending{DomainSpec{}, "poweroff"};
    rpc::ListResult list;
    list.domains = {running_domain("Domain-0", 0), running_domain("a", kNoDomain.value())};
    list.domains[1].state = "restarting";
    ending.daemon.on("domain.list", listing(list));
    ending.daemon.on("domain.destroy", always(list.domains[1].domain));
    run(ending.daemon, {"reboot", "-a"});
    EXPECT_EQ(ending.daemon.calls.size(), 1U); // it comes back anyway
    run(ending.daemon, {"shutdown", "-a"});
    ASSERT_EQ(ending.daemon.calls.size(), 3U);
    EXPECT_EQ(ending.daemon.calls[2].first, "domain.destroy");
}

TEST(Shutdown, PassesATimeoutAndItsFailureOn) {
    Ending ending{DomainSpec{}, "poweroff"};
    ending.daemon.on("domain.wait", failing(Errc::timeout, "web did not stop in 2 s"));
    EXPECT_EQ(run(ending.daemon, {"shutdown", "--timeout", "2", "web"}).status,
              exit_status(Errc::timeout));
    const auto left = ending.daemon.calls.back().second.at("timeout_ms").get<unsigned>();
    EXPECT_GT(left, 0U);
    EXPECT_LE(left, 2000U);
}

TEST(Shutdown, OfTheManagedLeavesOthersAlone) {
    Ending ending{DomainSpec{}, "poweroff"};
    rpc::ListResult list;
    list.domains = {running_domain("Domain-0", 0), running_domain("a", 3), running_domain("b", 4)};
    list.domains[1].managed = false;
    ending.daemon.on("domain.list", listing(list));
    run(ending.daemon, {"shutdown", "-a", "--managed"});
    ASSERT_EQ(ending.daemon.calls.size(), 3U);
    EXPECT_EQ(ending.daemon.calls[2].second.at("domid"), 4);
}

TEST(Shutdown, ForGoodDestroysWhatIsThereWhenTheTimeIsUp) {
    Ending ending{DomainSpec{}, "poweroff"};
    ending.daemon.on("domain.wait", failing(Errc::timeout, "web did not stop in 2 s"));
    ending.daemon.on("domain.destroy", always(identity("web", 7)));
    const Outcome outcome = run(ending.daemon, {"shutdown", "--timeout", "2", "--destroy", "web"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "web was still there: destroyed\n");
    EXPECT_EQ(ending.daemon.log().back(),
              "domain.destroy {\"uuid\":\"00112233-4455-6677-8899-aabbccddeeff\"}");
}

TEST(Shutdown, ForGoodAlsoDestroysWhoCannotHear) {
    Ending ending{DomainSpec{}, "poweroff"};
    ending.daemon.on("domain.shutdown", failing(Errc::bad_state, "web listens to nobody"));
    ending.daemon.on("domain.destroy", always(identity("web", 7)));
    const Outcome outcome = run(ending.daemon, {"shutdown", "--timeout", "2", "--destroy", "web"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(ending.daemon.calls.back().first, "domain.destroy");
}

TEST(Shutdown, ForGoodAsksAgainWhoIsBusyOrBoots) {
    Ending ending{DomainSpec{}, "poweroff"};
    int asked = 0;
    ending.daemon.on("domain.shutdown", [&](const json& /*params*/) -> json {
        if (++asked == 1) throw Error{Errc::busy, "attach is under way"};
        return identity("web", 7);
    });
    ending.daemon.on("domain.destroy", failing(Errc::not_found, "there is no domain"));
    const Outcome outcome = run(ending.daemon, {"shutdown", "--timeout", "20", "--destroy", "web"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(asked, 2);
    EXPECT_EQ(outcome.err, "web: attach is under way\n");
}

TEST(Shutdown, ForGoodWaitsWithTheDestroyWhileOthersWork) {
    Ending ending{DomainSpec{}, "poweroff"};
    ending.daemon.on("domain.wait", failing(Errc::timeout, "web did not stop in 1 s"));
    int tried = 0;
    ending.daemon.on("domain.destroy", [&](const json& /*params*/) -> json {
        if (++tried == 1) throw Error{Errc::busy, "detach is under way"};
        return identity("web", 7);
    });
    EXPECT_EQ(run(ending.daemon, {"shutdown", "--timeout", "1", "--destroy", "web"}).status, 0);
    EXPECT_EQ(tried, 2);
}

TEST(Shutdown, ForGoodIsContentWithWhoIsGone) {
    Ending ending{DomainSpec{}, "poweroff"};
    ending.daemon.on("domain.destroy", failing(Errc::not_found, "there is no domain"));
    EXPECT_EQ(run(ending.daemon, {"shutdown", "--timeout", "2", "--destroy", "web"}).status, 0);
    EXPECT_NE(run(ending.daemon, {"shutdown", "--destroy", "web"}).status, 0);
    EXPECT_NE(run(ending.daemon, {"shutdown", "--managed", "web"}).status, 0);
}

TEST(Reboot, WaitsUntilTheDomainHasStopped) {
    Ending ending{DomainSpec{}, "reboot", "reboot"};
    EXPECT_EQ(run(ending.daemon, {"reboot", "-w", "web"}).status, 0);
    EXPECT_EQ(ending.daemon.calls.size(), 3U);
    EXPECT_EQ(ending.daemon.calls[2].second.at("until"), "shutdown");
}

json device_result(std::vector<std::string> warnings = {}) {
    rpc::DeviceResult result;
    result.domain = running_domain("web", 7).domain;
    result.warnings = std::move(warnings);
    return result;
}

TEST(Hotplug, SendsWhatItIsGivenAsOneDescription) {
    FakeDaemon daemon;
    daemon.on("device.attach", always(device_result({"disk:1:1: warning: odd"})));
    const Outcome outcome = run(daemon, {"block-attach", "web", "target=/a,b", "raw", "vdev=xvdb"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_EQ(outcome.err, "disk:1:1: warning: odd\n");
    const json params = daemon.calls.at(0).second;
    EXPECT_EQ(params.at("disk"), "raw,vdev=xvdb,target=/a,b");
    EXPECT_EQ(params.at("directory"), std::filesystem::current_path().string());
    run(daemon, {"network-attach", "web"});
    EXPECT_EQ(daemon.calls.at(1).second.at("vif"), "");
    run(daemon, {"network-attach", "7", "mtu=1400", "bridge=lan"});
    EXPECT_EQ(daemon.calls.at(2).second.at("vif"), "mtu=1400,bridge=lan");
    EXPECT_EQ(daemon.calls.at(2).second.at("domid"), 7);
}

TEST(Hotplug, NamesTheDeviceThatGoes) {
    FakeDaemon daemon;
    daemon.on("device.detach", always(device_result()));
    run(daemon, {"block-detach", "web", "xvdb"});
    run(daemon, {"network-detach", "web", "00:16:3e:00:00:01", "-f"});
    EXPECT_EQ(daemon.calls.at(0).second,
              json({{"name", "web"}, {"disk", "xvdb"}, {"force", false}, {"timeout_ms", 10000}}));
    EXPECT_EQ(daemon.calls.at(1).second.at("vif"), "00:16:3e:00:00:01");
    EXPECT_EQ(daemon.calls.at(1).second.at("force"), true);
}

TEST(Hotplug, InsistsOnceTheTimeIsUp) {
    FakeDaemon daemon;
    daemon.on("device.detach", [](const json& params) -> json {
        if (!params.at("force")) throw Error{Errc::timeout, "the guest did not answer in 10 s"};
        return device_result();
    });
    EXPECT_NE(run(daemon, {"block-detach", "web", "xvdb"}).status, 0);
    EXPECT_EQ(daemon.calls.size(), 1U);
    const Outcome outcome = run(daemon, {"block-detach", "--insist", "web", "xvdb"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.err, HasSubstr("did not answer in 10 s: it is taken away all the same"));
    EXPECT_EQ(daemon.calls.size(), 3U);
}

TEST(Hotplug, InsistsOnNothingButTime) {
    FakeDaemon daemon;
    daemon.on("device.detach", failing(Errc::not_found, "there is no such device"));
    EXPECT_EQ(run(daemon, {"network-detach", "--insist", "web", "0"}).status,
              exit_status(Errc::not_found));
    EXPECT_EQ(daemon.calls.size(), 1U);
}

TEST(Hotplug, SaysWhatToDoInsteadOfChangingAMedium) {
    FakeDaemon daemon;
    const Outcome outcome = run(daemon, {"cd-insert", "web", "xvdd", "/b.iso"});
    EXPECT_EQ(outcome.status, exit_status(Errc::unsupported));
    EXPECT_THAT(outcome.err, HasSubstr("pvhctl block-attach web /b.iso,raw,xvdd,ro"));
    EXPECT_THAT(run(daemon, {"cd-eject", "web", "xvdd"}).err,
                HasSubstr("pvhctl block-detach web xvdd"));
    EXPECT_THAT(daemon.calls, IsEmpty());
}

} // namespace

} // namespace pvh::cli::test
