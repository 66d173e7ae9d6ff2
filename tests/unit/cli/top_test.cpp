// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/top_screen.h"
#include "tests/unit/cli/fake_daemon.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::uint64_t kSecond = 1'000'000'000;

rpc::DomainUsage usage_of(const std::string& name, std::uint16_t domid, std::uint64_t cpu_ns) {
    rpc::DomainUsage usage;
    usage.status = running_domain(name, domid);
    usage.status.domain.uuid.bytes[0] = static_cast<std::uint8_t>(domid);
    usage.status.cpu_time_ns = cpu_ns;
    usage.status.memory_kib = 64 * 1024;
    return usage;
}

class TopScreen : public ::testing::Test {
  protected:
    TopScreen() {
        former_.host.total_memory_mib = 1024;
        former_.host.nr_cpus = 2;
        former_.usage.time_ns = 10 * kSecond;
        former_.usage.domains = {usage_of("idle", 1, kSecond), usage_of("busy", 2, kSecond)};
        now_ = former_;
        now_.usage.time_ns = 12 * kSecond;
        now_.usage.domains[1].status.cpu_time_ns = 2 * kSecond;
        now_.usage.domains[0].received_bytes = 4096;
        now_.usage.domains[0].disk_written_bytes = 2048;
    }

    std::vector<TopRow> rows(TopOrder order = TopOrder::cpu) {
        return top_rows(former_, now_, order);
    }

    TopSample former_, now_;
};

TEST_F(TopScreen, RatesAreOfTheTimeBetweenTwoLooks) {
    const auto by_cpu = rows();
    ASSERT_EQ(by_cpu.size(), 2U);
    EXPECT_EQ(by_cpu[0].name, "busy");
    EXPECT_DOUBLE_EQ(by_cpu[0].cpu_percent, 50);
    EXPECT_DOUBLE_EQ(by_cpu[0].memory_percent, 6.25);
    EXPECT_DOUBLE_EQ(by_cpu[1].received, 2);
    EXPECT_DOUBLE_EQ(by_cpu[1].written, 1);
    EXPECT_EQ(rows(TopOrder::network)[0].name, "idle");
    EXPECT_EQ(rows(TopOrder::name)[0].name, "busy");
}

TEST_F(TopScreen, WhoIsNewOrHasLostADeviceHasNoRates) {
    now_.usage.domains.push_back(usage_of("new", 3, 5 * kSecond));
    former_.usage.domains[1].sent_bytes = 99; // of an interface that was detached
    auto other = usage_of("busy", 2, 9 * kSecond);
    other.status.domain.uuid.bytes[15] = 1; // another domain with that number
    now_.usage.domains[1] = other;
    for (const TopRow& row : rows(TopOrder::name)) {
        EXPECT_DOUBLE_EQ(row.cpu_percent, 0) << row.name;
        EXPECT_DOUBLE_EQ(row.sent, 0) << row.name;
    }
}

TEST_F(TopScreen, LinesFitAndAlign) {
    now_.usage.domains.push_back(usage_of("a-name-that-is-far-too-long-for-it", 3, 1));
    now_.usage.domains.push_back(usage_of("\x1b[2Jevil", 4, 1));
    for (const std::size_t columns : {20U, 40U, 80U, 132U}) {
        for (const std::string& line :
             top_screen(now_, rows(), TopOrder::cpu, {.columns = columns, .lines = 24}))
            EXPECT_LE(line.size(), columns) << line;
    }
    const auto lines = top_screen(now_, rows(), TopOrder::cpu, {.columns = 80, .lines = 24});
    ASSERT_EQ(lines.size(), 8U);
    EXPECT_THAT(lines[3], StartsWith("NAME             STATE  VCPUS   CPU%"));
    EXPECT_EQ(lines[3].size(), 80U);
    for (std::size_t i = 4; i < lines.size(); ++i)
        EXPECT_EQ(lines[i].size(), 80U) << lines[i];
    EXPECT_THAT(lines[4], StartsWith("busy             -b----     2   50.0      64M   6.2"))
        << lines[4];
    EXPECT_THAT(lines[6] + lines[7], HasSubstr("a-name-that-is-+"));
    EXPECT_THAT(lines[6] + lines[7], HasSubstr("\\x1b[2Jevil"));
}

TEST_F(TopScreen, WideCharactersTakeTwoColumns) {
    const auto line_of = [&](const std::string& name, std::size_t columns) {
        now_.usage.domains = {usage_of(name, 3, 1)};
        const ScreenSize size{.columns = columns, .lines = 24};
        const auto lines = top_screen(now_, rows(), TopOrder::cpu, size);
        EXPECT_EQ(lines.size(), 5U);
        return lines.back();
    };
    // Twelve ideographs in sixteen columns: seven, and one column for what was cut; one is left.
    const std::string wide = "一二三四五六七八九十百千";
    EXPECT_THAT(line_of(wide, 80), StartsWith("一二三四五六七+  -b----"));
    EXPECT_THAT(line_of("가🙂é", 80), StartsWith("가🙂é            -b----"));
    EXPECT_EQ(line_of(wide, 10), "一二三四+"); // the next would end in column 11
    EXPECT_EQ(line_of("\xff\xe4\xb8z", 4), "\xff\xe4\xb8+");
    EXPECT_THAT(line_of("a\nb\tc", 80), StartsWith("a\\x0ab\\x09c "));
}

TEST_F(TopScreen, WhatDoesNotFitIsCounted) {
    for (std::uint16_t id = 3; id < 40; ++id)
        now_.usage.domains.push_back(usage_of("more", id, 1));
    const auto lines = top_screen(now_, rows(), TopOrder::cpu, {.columns = 80, .lines = 10});
    ASSERT_EQ(lines.size(), 10U);
    EXPECT_EQ(lines.back(), "and 34 more");
    for (const std::size_t height : {0U, 1U, 4U, 5U})
        EXPECT_LE(top_screen(now_, rows(), TopOrder::cpu, {.columns = 80, .lines = height}).size(),
                  height);
}

TEST_F(TopScreen, ABatchHasWholeNamesUnderAlignedTitles) {
    const auto lines = top_batch(rows(), true);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].size(), lines[1].size());
    EXPECT_THAT(lines[0], StartsWith("Name"));
    EXPECT_THAT(lines[0], EndsWith("DiskWr(k/s)"));
    EXPECT_EQ(top_batch(rows(), false).size(), 2U);
}

TEST(Top, PrintsSoManyTablesIntoAPipe) {
    FakeDaemon daemon;
    rpc::UsageResult usage;
    usage.domains = {usage_of("web", 7, 1)};
    daemon.on("domain.usage", always(usage));
    daemon.on("system.info", always(rpc::SystemInfo{}));
    const Outcome outcome = run(daemon, {"top", "-d", "0.1", "-i", "2", "--no-headers"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2);
    EXPECT_THAT(run(daemon, {"top", "--json"}).out, HasSubstr("\"time_ns\""));
    EXPECT_EQ(run(daemon, {"top", "-d", "0"}).status, 2);
}

/// Answers `looks` times, then no more.
class MuteDaemon : public FakeDaemon {
  public:
    explicit MuteDaemon(int looks) : looks_{looks} {
        on("system.info", always(rpc::SystemInfo{}));
        on("domain.usage", [this](const nlohmann::json&) -> nlohmann::json {
            if (looks_-- > 0) return rpc::UsageResult{};
            throw Error{patience_.count() > 0 ? Errc::timeout : Errc::internal, "no answer"};
        });
    }

    void set_patience(std::chrono::milliseconds patience) override { patience_ = patience; }

  private:
    int looks_;
    std::chrono::milliseconds patience_{};
};

TEST(Top, EndsWhenPvhdDoesNotAnswer) {
    for (const int looks : {0, 1}) {
        MuteDaemon daemon{looks};
        EXPECT_EQ(run(daemon, {"top", "-b", "-d", "0.1"}).status, 11);
    }
    MuteDaemon daemon{1};
    const Outcome screen = run(daemon, {"top", "-d", "0.1"}, true);
    EXPECT_EQ(screen.status, 11);
    EXPECT_THAT(screen.out, EndsWith("\033[?25h\033[?1049l"));
    EXPECT_THAT(screen.err, HasSubstr("no answer"));
}

TEST(ConfigUpdate, SendsTheConfigAndShowsItsWarnings) {
    FakeDaemon daemon;
    rpc::SetConfigResult result{.domain = running_domain("web", 7).domain,
                                .warnings = {"web.cfg:1:1: warning: x"}};
    daemon.on("domain.set_config", always(result));
    const Outcome outcome = run(daemon, {"config-update", "web", "/dev/null", "memory=64"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr("web.cfg:1:1: warning: x"));
    const auto params = daemon.calls.back().second.get<rpc::SetConfigParams>();
    EXPECT_EQ(params.domain.name, "web");
    EXPECT_EQ(params.config, "");
    EXPECT_EQ(params.overrides, std::vector<std::string>{"memory=64"});
    EXPECT_EQ(run(daemon, {"config-update", "web"}).status, 2);
    EXPECT_EQ(run(daemon, {"config-update", "web", "/dev/null", "memory"}).status, 2);
}

} // namespace
} // namespace pvh::cli::test
