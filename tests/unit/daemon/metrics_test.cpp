// SPDX-License-Identifier: LGPL-2.1-or-later
// metrics.get and system.doctor, over a model of Xen.
#include "daemon/metrics.h"
#include "daemon/metrics_text.h"
#include "tests/unit/daemon/running_daemon.h"

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

// ---- the format

/// Whether every line is one of the format, each family is told of once, in one piece, and before
/// its lines; no line comes twice.
void expect_well_formed(const std::string& text) {
    const std::regex comment{"# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)"};
    const std::regex sample{
        R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\n"])*")re"
        R"re((,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\n"])*")*\})? [0-9]+(\.[0-9]+)?)re"};
    std::set<std::string> families;
    std::set<std::string> series;
    std::string family;
    ASSERT_TRUE(text.ends_with('\n'));
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, match, comment)) {
            if (match[1] == "HELP") {
                family = match[2];
                EXPECT_TRUE(families.insert(family).second) << line;
            } else {
                EXPECT_EQ(match[2], family) << line;
            }
            continue;
        }
        ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
        const std::string name = match[1];
        EXPECT_TRUE(name == family || (name.starts_with(family) &&
                                       std::set<std::string>{"_bucket", "_sum", "_count"}.contains(
                                           name.substr(family.size()))))
            << line;
        EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << line;
    }
}

TEST(MetricsText, EscapesWhatTheFormatNeedsEscaped) {
    using daemon::labels_of;
    EXPECT_EQ(labels_of({{"a", R"(x\y"z)"}, {"b", "1\n2"}}), R"(a="x\\y\"z",b="1\n2")");
    EXPECT_EQ(labels_of({{"a", std::string_view{"\0\r\x7f", 3}}}),
              "a=\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    EXPECT_EQ(daemon::seconds_of(1'250'000'000), "1.250000000");
    EXPECT_EQ(daemon::seconds_of(7), "0.000000007");
}

TEST(MetricsText, NamesOfOthersCannotBreakIt) {
    daemon::Figures figures;
    for (const char* name : {"a\"} 1\nevil 2", "\xff\xfe", "", "back\\"}) {
        rpc::DomainStatus status;
        status.domain.name = name;
        status.domain.domid = static_cast<std::uint16_t>(figures.domains.size());
        status.state = "running";
        figures.domains.push_back(status);
    }
    const std::string text = metrics_text(figures);
    expect_well_formed(text);
    EXPECT_THAT(text, HasSubstr(R"(pvhd_domain_memory_bytes{name="a\"} 1\nevil 2",uuid=)"));
    EXPECT_THAT(text, HasSubstr("name=\"\xef\xbf\xbd"));
}

TEST(Histogram, CountsUpToEachBound) {
    using std::chrono::microseconds;
    daemon::Histogram histogram;
    for (const int took : {0, 1000, 1001, 20'000'000})
        histogram.add(microseconds{took});
    EXPECT_EQ(histogram.up_to(0), 2U);
    EXPECT_EQ(histogram.up_to(1), 3U);
    EXPECT_EQ(histogram.up_to(4), 3U);
    EXPECT_EQ(histogram.count(), 4U);
    EXPECT_EQ(histogram.sum(), microseconds{20'002'001});
}

// ---- a daemon's

class MetricsTest : public DaemonTest {
  protected:
    static std::string text(RawClient& client) {
        return client.call("metrics.get").at("result").at("text").get<std::string>();
    }

    /// The value of the one line that begins so.
    static std::string value(const std::string& text, const std::string& begin) {
        const std::size_t at = ("\n" + text).find("\n" + begin);
        if (at == std::string::npos) return "none";
        const std::string line = text.substr(at, text.find('\n', at) - at);
        return line.substr(line.rfind(' ') + 1);
    }
};

TEST_F(MetricsTest, TellOfDomainsDevicesHostAndPvhd) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", "disk = [ '/disk,raw,xvda,rw' ]\nvif = [ '' ]\n");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.traffic.disks.push_back(
            {.frontend = id, .id = 51712, .read_requests = 3, .written_sectors = 8});
        xen_.traffic.nics.push_back({.frontend = id, .id = 0, .received_bytes = 77});
        xen_.traffic.nics.push_back({.frontend = DomId{999}, .id = 0}); // gone meanwhile
    }
    const std::string all = text(client);
    expect_well_formed(all);
    const std::string uuid = status(client, "web").at("uuid");
    const std::string labels =
        "{name=\"web\",uuid=\"" + uuid + "\",domid=\"" + std::to_string(id.value()) + "\"";
    EXPECT_EQ(value(all, "pvhd_domain_info" + labels + ",managed=\"true\"}"), "1");
    EXPECT_EQ(value(all, "pvhd_domain_memory_bytes" + labels + "}"),
              std::to_string(status(client, "web").at("memory_kib").get<std::uint64_t>() * 1024));
    EXPECT_EQ(value(all, "pvhd_domain_vcpus_max" + labels + "}"), "1");
    EXPECT_NE(value(all, "pvhd_domain_cpu_seconds_total" + labels + "}"), "none");
    const std::string state = status(client, "web").at("state");
    EXPECT_EQ(value(all, "pvhd_domain_state" + labels + ",state=\"" + state + "\"}"), "1");
    EXPECT_EQ(value(all, "pvhd_domain_state" + labels + ",state=\"dying\"}"), "0");
    EXPECT_EQ(value(all, "pvhd_domain_disk_read_requests_total" + labels + ",device=\"xvda\"}"),
              "3");
    EXPECT_EQ(value(all, "pvhd_domain_disk_written_bytes_total" + labels + ",device=\"xvda\"}"),
              "4096");
    EXPECT_EQ(value(all, "pvhd_domain_network_receive_bytes_total" + labels + ",device=\"0\"}"),
              "77");
    EXPECT_THAT(all, Not(HasSubstr("domid=\"999\"")));
    EXPECT_EQ(value(all, "pvhd_host_cpus"), "4");
    EXPECT_EQ(value(all, "pvhd_host_memory_bytes"), std::to_string(8ULL << 30));
    EXPECT_EQ(value(all, "pvhd_domains_managed"), "1");
    EXPECT_EQ(value(all, "pvhd_connections"), "1");
    EXPECT_NE(value(all, "pvhd_open_fds"), "0");
    EXPECT_NE(value(all, "pvhd_resident_memory_bytes"), "0");
}

TEST_F(MetricsTest, CountWhatPvhdDoes) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", "on_reboot = \"restart\"\n");
    create(client, "other");
    guest_ends(id, kReboot);
    ASSERT_TRUE(eventually([&] { return value(text(client), "pvhd_restarts_total") == "1"; }));
    client.call("domain.destroy", {{"name", "other"}});
    client.call("domain.get", {{"name", "nobody"}});
    client.call("domain.gte");
    const std::string all = text(client);
    expect_well_formed(all);
    EXPECT_EQ(value(all, "pvhd_creates_total"), "2");
    EXPECT_EQ(value(all, "pvhd_destroys_total{by=\"client\"}"), "1");
    EXPECT_EQ(value(all, "pvhd_destroys_total{by=\"policy\"}"), "0");
    EXPECT_EQ(value(all, "pvhd_errors_total{code=\"not_found\"}"), "1");
    EXPECT_EQ(value(all, "pvhd_errors_total{code=\"unsupported\"}"), "1"); // no such method
    EXPECT_EQ(value(all, "pvhd_create_stage_seconds_count{stage=\"unpause\"}"), "2");
    EXPECT_EQ(value(all, "pvhd_create_stage_seconds_bucket{stage=\"kernel\",le=\"+Inf\"}"), "2");
    EXPECT_NE(value(all, "pvhd_create_stage_seconds_bucket{stage=\"kernel\",le=\"0.001\"}"),
              "none");
    EXPECT_TRUE(eventually([&] { // more may come meanwhile
        const auto events = client.call("events.list").at("result").at("last");
        return value(text(client), "pvhd_events_total") == events.dump();
    }));
}

TEST_F(MetricsTest, CostOneListOfDomainsAndNothingOfXenstore) {
    start();
    auto client = connect();
    for (int i = 0; i < 5; ++i)
        create(client, "many-" + std::to_string(i));
    std::string all;
    const std::vector<std::string> wanted{"list_domains", "host_info", "devices.traffic"};
    EXPECT_TRUE(eventually([&] { // watches of the new domains may still be looked after
        {
            const std::lock_guard lock{xen_.mutex};
            xen_.calls.clear();
        }
        all = text(client);
        const std::lock_guard lock{xen_.mutex};
        return xen_.calls == wanted;
    }));
    EXPECT_THAT(all, HasSubstr("name=\"many-4\""));
}

// ---- the doctor

class DoctorTest : public DaemonTest {
  protected:
    static std::map<std::string, nlohmann::json> checks(RawClient& client) {
        std::map<std::string, nlohmann::json> found;
        const auto reply = client.call("system.doctor");
        for (const auto& check : reply.at("result").at("checks"))
            EXPECT_TRUE(found.emplace(check.at("name"), check).second) << check.dump();
        return found;
    }
};

TEST_F(DoctorTest, LooksAtXenHostAndState) {
    start();
    auto client = connect();
    const auto found = checks(client);
    std::set<std::string> names;
    for (const auto& [name, check] : found) {
        names.insert(name);
        EXPECT_EQ(check.at("status") == "ok", check.at("hint") == "") << check.dump();
    }
    EXPECT_THAT(names, IsSupersetOf({"dom0", "rights", "privcmd", "hap", "xen_version", "memory",
                                     "dom0_memory", "xenstored", "state_folder", "pvhconsoled"}));
    EXPECT_EQ(found.at("hap").at("status"), "ok");
    EXPECT_EQ(found.at("xenstored").at("status"), "ok");
    EXPECT_EQ(found.at("state_folder").at("status"), "ok");
    EXPECT_EQ(found.at("pvhconsoled").at("status"), "warn");
}

TEST_F(DoctorTest, WhatXenOrXenstoredRefuseIsAFinding) {
    start();
    auto client = connect();
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls = {"host_info", "store.read /local/domain/0/name"};
    }
    const auto found = checks(client);
    EXPECT_EQ(found.at("xen").at("status"), "fail");
    EXPECT_THAT(found.at("xen").at("message").get<std::string>(), HasSubstr("host_info"));
    EXPECT_EQ(found.at("xenstored").at("status"), "fail");
    EXPECT_EQ(found.at("state_folder").at("status"), "ok");
}

TEST_F(DoctorTest, LittleMemoryIsSeen) {
    start();
    auto client = connect();
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.free_pages = 1000;
    }
    EXPECT_EQ(checks(client).at("memory").at("status"), "warn");
}

} // namespace
} // namespace pvh::test
