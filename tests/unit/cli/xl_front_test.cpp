// SPDX-License-Identifier: LGPL-2.1-or-later
// pvhctl by the name of xl.
#include "cli/xl/commands.h"
#include "cli/xl/front.h"
#include "cli/xl/libxl_json.h"
#include "tests/unit/cli/fake_daemon.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace pvh::cli::test {
namespace {

using ::testing::HasSubstr;

class XlFront : public ::testing::Test {
  protected:
    XlFront() {
        plan_.spec.name = "web";
        plan_.spec.kernel = "/boot/k";
        plan_.spec.vcpus = plan_.spec.max_vcpus = 2;
        daemon_.on("domain.plan", always(plan_));
        daemon_.on("domain.create",
                   always(rpc::CreateResult{
                       .domain = running_domain("web", 7).domain, .warnings = {}, .timeline = {}}));
        rpc::ListResult list;
        list.domains = {running_domain("web", 7)};
        daemon_.on("domain.list", listing(list));
        daemon_.on("domain.pause", failing(Errc::not_found, "there is no domain d77"));
        std::ofstream{config_} << "name = 'web'\n";
    }

    ~XlFront() override { std::filesystem::remove(config_); }

    Outcome xl(const std::vector<std::string>& arguments) {
        std::ostringstream out;
        std::ostringstream err;
        Context context{.daemon = daemon_, .out = out, .err = err};
        const int status = run_xl(arguments, context, [](const std::string&) {});
        return {.status = status, .out = out.str(), .err = err.str(), .socket = {}};
    }

    rpc::PlanResult plan_;
    FakeDaemon daemon_;
    std::string config_ = ::testing::TempDir() + "xl_front_" + std::to_string(::getpid()) + ".cfg";
};

TEST_F(XlFront, UnambiguousBeginningsAreEnough) {
    EXPECT_EQ(find_xl_command("lis")->name, "list");
    EXPECT_EQ(find_xl_command("destr")->name, "destroy");
    EXPECT_EQ(find_xl_command("migrate")->name, "migrate"); // though migrate-receive begins so
    EXPECT_EQ(find_xl_command("re"), nullptr);
    EXPECT_EQ(find_xl_command("nosuch"), nullptr);
    EXPECT_EQ(xl({"lis"}).out, xl({"list"}).out);
    EXPECT_EQ(xl({"list"}).status, 0);
}

TEST_F(XlFront, SaysXlsWordsAndStatuses) {
    EXPECT_EQ(xl({}).status, 1);
    EXPECT_THAT(xl({}).out, HasSubstr("Usage xl [-vfNtT] <subcommand> [args]\n"));
    EXPECT_EQ(xl({"nosuch"}).status, 1);
    EXPECT_EQ(xl({"nosuch"}).err, "command not implemented\n");
    EXPECT_EQ(xl({"-x", "list"}).err, "unknown global option\n");
    EXPECT_EQ(xl({"-N", "list"}).err, "command does not implement -N (dryrun) option\n");
    EXPECT_EQ(xl({"pause", "77"}).status, 1);
    EXPECT_EQ(xl({"pause"}).status, 2);
    EXPECT_EQ(xl({"-vvv", "-tT", "list"}).status, 0);
    const Outcome save = xl({"save", "web", "/file"});
    EXPECT_EQ(save.status, 1);
    EXPECT_THAT(save.err, HasSubstr("xl save is not supported by pvhd yet"));
    EXPECT_EQ(xl({"help"}).status, 0);
    EXPECT_THAT(xl({"help", "list"}).out, HasSubstr("--verbose"));
}

TEST_F(XlFront, ListSaysInXlsBytesWhoIsNotThere) {
    daemon_.on("domain.get", failing(Errc::not_found, "there is no such domain"));
    EXPECT_EQ(xl({"list", "77"}).err, "Error: Domain '77' does not exist.\n");
    EXPECT_EQ(xl({"list", "99999"}).err, "Error: Domain '99999' does not exist.\n");
    EXPECT_EQ(xl({"list", "web"}).err, "web is an invalid domain identifier (rc=-6)\n");
    EXPECT_EQ(xl({"list", "77"}).status, 1);
    EXPECT_EQ(xl({"list", "77"}).out, "");
}

TEST_F(XlFront, ItsHelpIsWhatItsCompletionReads) {
    std::istringstream lines{xl({"help"}).out};
    std::string line;
    for (int i = 0; i < 4; ++i)
        std::getline(lines, line); // [tools/xl/bash-completion]
    unsigned commands = 0;
    while (std::getline(lines, line)) {
        EXPECT_TRUE(std::regex_search(line, std::regex{"^ [a-z0-9-]+ +[A-Z]"})) << line;
        ++commands;
    }
    EXPECT_GT(commands, 30U);
}

TEST_F(XlFront, CreateTakesWhatScriptsGiveIt) {
    const auto created = [&](const std::vector<std::string>& arguments) {
        const Outcome outcome = xl(arguments);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return daemon_.calls.back().second.get<rpc::CreateParams>();
    };
    EXPECT_EQ(created({"create", config_}).config, "name = 'web'\n");
    EXPECT_EQ(created({"create", "--quiet", "--defconfig", config_}).config_name, config_);
    EXPECT_EQ(created({"create", "--defconfig=" + config_, "-e"}).config_name, config_);
    EXPECT_EQ(created({"create", "-q", "-f", config_, "memory=64"}).overrides,
              std::vector<std::string>{"memory=64"});
    EXPECT_TRUE(created({"create", "-pe", config_}).paused);
    EXPECT_EQ(created({"create", "-q", "name='x'"}).config_name, "/dev/null");
    // [tools/xl/xl_vmcontrol.c main_create: getopt_long, then what has a "=" and what has none]
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"create", "memory=512", config_},
          std::vector<std::string>{"create", "-pf", config_, "memory=512"},
          std::vector<std::string>{"create", "-qf" + config_, "memory=512"},
          std::vector<std::string>{"create", "memory=512", "-f" + config_},
          std::vector<std::string>{"create", "--defc", config_, "--", "memory=512"},
          std::vector<std::string>{"create", config_, "-d", "memory=512", "--vncviewer"}}) {
        const auto params = created(arguments);
        EXPECT_EQ(params.config_name, config_);
        EXPECT_EQ(params.overrides, std::vector<std::string>{"memory=512"});
        EXPECT_EQ(params.paused, arguments[1] == "-pf");
    }
    EXPECT_EQ(xl({"create", "-f"}).status, 2);
    EXPECT_EQ(xl({"create", "-x", config_}).status, 2);
    EXPECT_EQ(xl({"create", config_, "other.cfg"}).status, 2);
    EXPECT_EQ(xl({"create", "--help"}).status, 0);
    EXPECT_EQ(xl({"create", "-F", config_}).status, 1);
    EXPECT_EQ(xl({"create", "-q", config_}).err, "");
}

TEST_F(XlFront, ConfigUpdateTakesXlsOptions) {
    daemon_.on(
        "domain.set_config",
        always(rpc::SetConfigResult{.domain = running_domain("web", 7).domain, .warnings = {}}));
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"config-update", "web", config_, "-q", "vcpus=2"},
          std::vector<std::string>{"config-update", "web", "-dqf" + config_, "vcpus=2"},
          std::vector<std::string>{"config-update", "web", "vcpus=2", config_},
          std::vector<std::string>{"config-update", "web", "--defconfig", config_, "vcpus=2"}}) {
        const Outcome outcome = xl(arguments);
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        const auto params = daemon_.calls.back().second.get<rpc::SetConfigParams>();
        EXPECT_EQ(params.domain.name, "web");
        EXPECT_EQ(params.config_name, config_);
        EXPECT_EQ(params.overrides, std::vector<std::string>{"vcpus=2"});
    }
    daemon_.calls.clear();
    EXPECT_EQ(xl({"config-update", "web", "vcpus=2"}).err, "Config file not specified\n");
    EXPECT_TRUE(daemon_.calls.empty());
}

TEST_F(XlFront, ADryRunPrintsWhatXendomainsGreps) {
    // [tools/hotplug/Linux/xendomains.in get_xsdomid, parseln]
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"create", "--quiet", "--dryrun", "--defconfig", config_},
          std::vector<std::string>{"-N", "create", "-q", config_},
          std::vector<std::string>{"create", "-qn", config_}}) {
        const Outcome outcome = xl(arguments);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_TRUE(std::regex_search(outcome.out, std::regex{"\n +\"name\": \"web\","}))
            << outcome.out;
        EXPECT_EQ(daemon_.calls.back().first, "domain.plan");
    }
}

TEST_F(XlFront, ADryRunOfAPoolIsOfAPool) {
    rpc::SystemInfo host;
    host.xen_scheduler = "credit2";
    daemon_.on("system.info", always(host));
    daemon_.on("system.topology", always(rpc::TopologyResult{}));
    daemon_.on("cpupool.list", always(rpc::CpuPoolsResult{}));
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"cpupool-create", "-n", config_},
          std::vector<std::string>{"-N", "cpupool-create", config_}}) {
        const Outcome outcome = xl(arguments);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_THAT(outcome.out, HasSubstr("cpupool name:   web\n"));
    }
    for (const auto& [method, params] : daemon_.calls) {
        EXPECT_NE(method, "domain.plan");
        EXPECT_NE(method, "cpupool.create");
    }
}

TEST_F(XlFront, TheLongListHasTheLinesThatXendomainsGreps) {
    rpc::GetResult got;
    got.status = running_domain("web", 7);
    got.spec = plan_.spec;
    daemon_.on("domain.get", always(got));
    const std::string text = xl({"list", "-l"}).out;
    EXPECT_THAT(text, ::testing::StartsWith("[\n    {\n        \"domid\": 7,\n"));
    EXPECT_THAT(text, HasSubstr("\"name\": \"web\""));
    EXPECT_EQ(nlohmann::json::parse(text).at(0).at("config").at("b_info").at("max_vcpus"), 2);
}

TEST_F(XlFront, TheLongListLeavesOutWhoIsNotThereNow) {
    const auto identify = [](const std::string& name, std::uint16_t domid) {
        rpc::DomainStatus status = running_domain(name, domid);
        status.domain.uuid.bytes[0] = static_cast<std::uint8_t>(domid);
        return status;
    };
    rpc::ListResult list;
    list.domains = {identify("web", 7), identify("built", 8), identify("gone", 9),
                    identify("again", 10)};
    rpc::DomainStatus former = identify("again", 10);
    former.domain.domid = 6;
    former.dying = true;
    list.domains.push_back(former);
    daemon_.on("domain.list", listing(list));
    daemon_.on("domain.get", [&](const nlohmann::json& params) -> nlohmann::json {
        const auto uuid = params.get<rpc::Selector>().uuid.value();
        if (uuid == list.domains[1].domain.uuid) throw Error{Errc::busy, "it is being built"};
        if (uuid == list.domains[2].domain.uuid) throw Error{Errc::not_found, "there is none"};
        rpc::GetResult got;
        got.status = list.domains[uuid == list.domains[0].domain.uuid ? 0 : 3];
        if (got.status.domain.domid == 10) got.status.domain.domid = 11; // it has rebooted
        got.spec = plan_.spec;
        return got;
    });
    const Outcome outcome = xl({"list", "-l"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const auto listed = nlohmann::json::parse(outcome.out);
    ASSERT_EQ(listed.size(), 2U) << outcome.out;
    EXPECT_EQ(listed[0].at("domid"), 7);
    EXPECT_EQ(listed[1].at("domid"), 11);
    daemon_.on("domain.get", failing(Errc::permission_denied, "no"));
    EXPECT_EQ(xl({"list", "-l"}).status, 1);
}

TEST(LibxlJson, HasWhatTheSpecSays) {
    DomainSpec spec;
    spec.name = "web";
    spec.vcpus = 1;
    spec.max_vcpus = 4;
    spec.memory_mib = spec.max_memory_mib = 64;
    spec.scheduling.weight = 512;
    spec.on_crash = EndAction::rename_restart;
    spec.disks.push_back({.target = "/dev/vg/web", .vdev = "xvda"});
    spec.disks.push_back(
        {.target = "/x.qcow2", .format = DiskFormat::qcow2, .vdev = "xvdb", .is_writable = false});
    spec.nics.push_back({.bridge = "xenbr0"});
    const auto json = libxl_config_of(spec);
    EXPECT_EQ(json.at("b_info").at("avail_vcpus").dump(), "[0]");
    EXPECT_EQ(json.at("b_info").at("max_memkb"), 65536);
    EXPECT_EQ(json.at("b_info").at("sched_params").at("weight"), 512);
    EXPECT_EQ(json.at("disks")[0].at("readwrite"), 1);
    EXPECT_EQ(json.at("disks")[1].at("format"), "qcow2");
    EXPECT_FALSE(json.at("disks")[1].contains("readwrite"));
    EXPECT_EQ(json.at("nics")[0].at("bridge"), "xenbr0");
    EXPECT_EQ(json.at("on_reboot"), "restart");
    EXPECT_EQ(json.at("on_crash"), "rename_restart");
    EXPECT_EQ(json.at("on_soft_reset"), "soft_reset");
    EXPECT_FALSE(json.contains("on_poweroff")); // libxl's default
}

TEST_F(XlFront, ConsolesAndShutdownsTakeXlsOptions) {
    EXPECT_EQ(xl({"console", "-t", "serial", "web"}).status, 1);
    EXPECT_THAT(xl({"console", "-t", "serial", "web"}).err,
                HasSubstr("-t serial is not supported"));
    EXPECT_EQ(find_xl_command("shutdown")->translate({"-ww", "web"}), (Words{"-w", "web"}));
    EXPECT_EQ(find_xl_command("destroy")->translate({"-f", "web"}), (Words{"web"}));
    EXPECT_EQ(find_xl_command("console")->translate({"-t", "pv", "-n", "0", "web"}),
              (Words{"web"}));
    EXPECT_EQ(find_xl_command("console")->translate({"-n0", "-tpv", "web", "--linger", "2"}),
              (Words{"web", "--linger", "2"}));
    EXPECT_EQ(xl({"console", "-tserial", "web"}).status, 1);
    EXPECT_EQ(xl({"console", "web", "-n"}).status, 2);
    EXPECT_EQ(find_xl_command("destroy")->translate({"web", "--force"}), (Words{"web"}));
    EXPECT_EQ(find_xl_command("vcpu-pin")->translate({"-fi", "web", "all", "-"}),
              (Words{"web", "all", "-"}));
    EXPECT_EQ(find_xl_command("network-detach")->translate({"web", "0"}),
              (Words{"--insist", "web", "0"}));
    EXPECT_EQ(find_xl_command("vcpu-pin")->translate({"-i", "web", "0", "-", "1"}),
              (Words{"web", "0", "-", "1"}));
}

} // namespace
} // namespace pvh::cli::test
