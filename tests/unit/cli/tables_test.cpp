// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes of tables: scripts cut them by column, so they are xl's.
#include "cli/domain_table.h"
#include "cli/host_facts.h"
#include "cli/plan_text.h"
#include "libdomain/core/error.h"
#include "tests/unit/cli/fake_daemon.h"

#include <cstdio>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {

namespace {

using ::testing::HasSubstr;

TEST(DomainTable, HasTheHeaderOfXl) {
    EXPECT_EQ(domain_header(),
              "Name                                        ID   Mem VCPUs\tState\tTime(s)");
}

/// The format string of xl 4.17, by printf itself.
std::string row_of_xl(const rpc::DomainStatus& d, const char* letters) {
    char line[1024];
    std::snprintf(line, sizeof(line), "%-40s %5d %5lu %5d     %s  %8.1f", d.domain.name.c_str(),
                  d.domain.domid,
                  static_cast<unsigned long>((d.memory_kib + d.outstanding_kib) / 1024),
                  static_cast<int>(d.vcpus_online), letters,
                  static_cast<double>(static_cast<float>(d.cpu_time_ns)) / 1e9);
    return line;
}

TEST(DomainTable, HasTheRowsOfXl) {
    rpc::DomainStatus d = running_domain("web", 7);
    EXPECT_EQ(domain_row(d),
              "web                                          7   512     2     -b----       1.2");
    EXPECT_EQ(domain_row(d), row_of_xl(d, "-b----"));
    d.domain.name = "a name that is much longer than the forty columns there are";
    d.domain.domid = 32751;
    d.memory_kib = 123456789;
    d.outstanding_kib = 987654;
    d.vcpus_online = 128;
    d.cpu_time_ns = 98765432109876543;
    EXPECT_EQ(domain_row(d), row_of_xl(d, "-b----"));
    d.domain.name = "\xC3\xA4\xC3\xB6\xC3\xBC"; // printf counts bytes
    EXPECT_EQ(domain_row(d), row_of_xl(d, "-b----"));
}

TEST(DomainTable, CallsADomainWithoutANameNull) {
    EXPECT_THAT(domain_row(running_domain("", 3)), ::testing::StartsWith("(null)     "));
}

TEST(StateLetters, StandInTheOrderOfXl) {
    rpc::DomainStatus d;
    EXPECT_EQ(state_letters(d), "------");
    d.running = true;
    EXPECT_EQ(state_letters(d), "r-----");
    d = {};
    d.blocked = true;
    EXPECT_EQ(state_letters(d), "-b----");
    d = {};
    d.paused = true;
    d.dying = true;
    EXPECT_EQ(state_letters(d), "--p--d");
}

TEST(StateLetters, TellWhyADomainShutDown) {
    rpc::DomainStatus d;
    d.shutdown = true;
    const std::pair<const char*, const char*> cases[] = {
        {"poweroff", "---s--"}, {"reboot", "---sr-"},   {"suspend", "---ss-"},
        {"crash", "---sc-"},    {"watchdog", "---sw-"}, {"soft_reset", "---sS-"},
        {"77", "---s?-"},       {"", "---s?-"}};
    for (const auto& [reason, letters] : cases) {
        d.shutdown_reason = reason;
        EXPECT_EQ(state_letters(d), letters) << reason;
    }
}

TEST(HostFacts, ArePaddedAndOrderedAsInXl) {
    rpc::SystemInfo info;
    info.host = "dom0";
    info.cpu_khz = 2400005;
    info.virt_caps = {"pv", "hvm", "hap"};
    info.xen_major = 4;
    info.xen_minor = 17;
    info.xen_extra = ".6-pre";
    std::string text;
    for (const Fact& fact : host_facts(info))
        text += fact_line(fact) + "\n";
    EXPECT_THAT(
        text, ::testing::StartsWith("host                   : dom0\nrelease                : \n"));
    EXPECT_THAT(text, HasSubstr("\ncpu_mhz                : 2400.005\n"));
    EXPECT_THAT(text, HasSubstr("\nvirt_caps              : pv hvm hap\n"));
    EXPECT_THAT(text, HasSubstr("\nxen_version            : 4.17.6-pre\n"));
    EXPECT_THAT(text, HasSubstr("\nsharing_freed_memory   : 0\n"));
    EXPECT_THAT(text, ::testing::EndsWith("\nxend_config_format     : 4\n"));
}

TEST(Colours, StandOnTerminalsThatWantThem) {
    FakeDaemon daemon;
    std::ostringstream out;
    std::ostringstream err;
    Context context{.daemon = daemon, .out = out, .err = err};
    const auto said = [&] {
        out.str("");
        err.str("");
        print_marked(context, Colour::green, "ok ", "a\x1b[2J");
        print_error(context, Error{Errc::not_found, "no\x1b[2J"});
        return out.str() + err.str();
    };
    EXPECT_EQ(said(), "ok a\x1b[2J\npvhctl: error: no\x1b[2J\n");
    context.has_colours = true;
    EXPECT_EQ(said(), "ok a\x1b[2J\npvhctl: error: no\x1b[2J\n"); // a pipe
    context.out_is_terminal = context.err_is_terminal = true;
    EXPECT_EQ(said(), "\x1b[32mok \x1b[0ma\\x1b[2J\n\x1b[31mpvhctl: error: \x1b[0mno\\x1b[2J\n");
    context.has_colours = false;
    EXPECT_EQ(said(), "ok a\\x1b[2J\npvhctl: error: no\\x1b[2J\n");
}

TEST(PlanText, ShowsMapAndPlacementInOrder) {
    rpc::PlanResult plan;
    plan.spec.name = "web";
    plan.spec.kernel = "/k";
    plan.kernel_format = "bzImage (gzip)";
    plan.entry = 0x1000850;
    plan.memory_map = {{0, 128UL << 20U, "ram"}, {0xfc000000, 4096, "acpi"}};
    plan.loads = {{"ramdisk", 0x2000000, 5000}, {"kernel", 0x1000000, 0x800000}};
    plan.needed_kib = 133000;
    const std::string text = plan_text(plan);
    EXPECT_THAT(text, HasSubstr("kernel        /k (bzImage (gzip))\n"));
    EXPECT_THAT(text, HasSubstr("  0x0000000000-0x0007ffffff  ram       128 MiB\n"));
    EXPECT_THAT(text, HasSubstr("  0x00fc000000-0x00fc000fff  acpi      4 KiB\n"));
    EXPECT_LT(text.find("kernel  8 MiB"), text.find("ramdisk  5000 bytes"));
    EXPECT_THAT(text, HasSubstr("host memory needed: 133000 KiB\n"));
}

} // namespace

} // namespace pvh::cli::test
