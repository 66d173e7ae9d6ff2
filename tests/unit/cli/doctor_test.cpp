// SPDX-License-Identifier: LGPL-2.1-or-later
// doctor and metrics.
#include "cli/exit_status.h"
#include "tests/unit/cli/fake_daemon.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::StartsWith;

rpc::DoctorResult two_checks(const std::string& status) {
    return {.checks = {{"hap", "ok", "Xen has hardware assisted paging", ""},
                       {"bridge", status, "there is no bridge", "ip link add xenbr0"}}};
}

FakeDaemon::Answer unreachable() {
    return [](const json&) -> json {
        throw DaemonUnreachable{
            Error{Errc::not_found, "connect to /x"}.with_hint("is pvhd running?")};
    };
}

TEST(Doctor, PrintsALineForEachCheckAndItsHint) {
    FakeDaemon daemon;
    daemon.on("system.doctor", always(two_checks("warn")));
    const Outcome outcome = run(daemon, {"doctor"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "ok    hap           Xen has hardware assisted paging\n"
                           "warn  bridge        there is no bridge\n"
                           "                    hint: ip link add xenbr0\n");
}

TEST(Doctor, AFailureIsItsStatus) {
    FakeDaemon daemon;
    daemon.on("system.doctor", always(two_checks("fail")));
    EXPECT_EQ(run(daemon, {"doctor"}).status, 1);
    const Outcome outcome = run(daemon, {"doctor", "--json"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(json::parse(outcome.out).at("checks").at(1).at("hint"), "ip link add xenbr0");
}

TEST(Doctor, WithoutPvhdItLooksAtTheRest) {
    FakeDaemon daemon;
    daemon.on("system.doctor", unreachable());
    const Outcome outcome = run(daemon, {"--socket", "/nowhere/pvhd.sock", "doctor"});
    EXPECT_EQ(outcome.status, kNoDaemon);
    EXPECT_EQ(outcome.err, "");
    EXPECT_THAT(outcome.out, StartsWith("fail  pvhd          connect to /x\n"
                                        "                    hint: is pvhd running?\n"));

    const json checks = json::parse(run(daemon, {"doctor", "--json"}).out).at("checks");
    std::set<std::string> names;
    for (const json& check : checks) {
        names.insert(check.at("name").get<std::string>());
        EXPECT_EQ(check.at("status") == "ok", check.at("hint") == "") << check.dump();
    }
    EXPECT_THAT(names, IsSupersetOf({"pvhd", "dom0", "rights", "privcmd", "evtchn", "gntdev",
                                     "pvhconsoled", "xenconsoled", "xenstored", "bridge", "loop",
                                     "blkback", "netback", "qemu", "systemd"}));
}

TEST(Doctor, SoItDoesWherePvhdRefuses) {
    FakeDaemon daemon;
    daemon.on("system.doctor", failing(Errc::permission_denied, "you may not talk to pvhd", "ask"));
    const Outcome outcome = run(daemon, {"doctor"});
    EXPECT_EQ(outcome.status, exit_status(Errc::permission_denied));
    EXPECT_THAT(outcome.out, StartsWith("fail  pvhd          you may not talk to pvhd\n"));
    EXPECT_THAT(outcome.out, HasSubstr("dom0"));
}

TEST(Metrics, PrintsTheTextAsItIs) {
    FakeDaemon daemon;
    rpc::MetricsResult result;
    result.text = "# HELP x y\n# TYPE x gauge\nx{name=\"a\\nb\"} 1\n";
    daemon.on("metrics.get", always(result));
    EXPECT_EQ(run(daemon, {"metrics"}).out, result.text);
    EXPECT_EQ(json::parse(run(daemon, {"metrics", "--json"}).out).at("text"), result.text);
    daemon.on("metrics.get", unreachable());
    EXPECT_EQ(run(daemon, {"metrics"}).status, kNoDaemon);
}

} // namespace
} // namespace pvh::cli::test
