// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/exit_status.h"
#include "cli/selftest.h"
#include "tests/unit/cli/fake_daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = cli::Outcome; // of a clause, not of a run

constexpr SegmentState kCode{.limit = 0xffffffff, .attributes = 0xc9b};
constexpr SegmentState kData{.limit = 0xffffffff, .attributes = 0xc93};

VcpuState entry_state() {
    VcpuState state;
    state.rip = 0x100850;
    state.rbx = 0x133000;
    state.cs = kCode;
    state.ds = state.es = state.ss = kData;
    state.tr = {.limit = 0x67, .attributes = 0x8b};
    return state;
}

std::vector<std::string> failures(const std::vector<Outcome>& outcomes) {
    std::vector<std::string> failed;
    for (const Outcome& outcome : outcomes)
        if (outcome.verdict == Verdict::fail) failed.push_back(outcome.clause);
    return failed;
}

TEST(Selftest, ReadsWhatTheProbeSays) {
    const auto outcomes = read_probe("probe: begin\r\nnoise\r\nprobe: 1 pass cpu.cr0 cr0=0x11\r\n"
                                     "probe: 2 fail acpi.madt 3 entries of 4\r\n"
                                     "probe: end passed=1 failed=1 skipped=0\r\n",
                                     "d");
    ASSERT_EQ(outcomes.size(), 3U);
    EXPECT_EQ(outcomes[0].clause, "cpu.cr0");
    EXPECT_EQ(outcomes[0].seen, "cr0=0x11");
    EXPECT_EQ(outcomes[1].verdict, Verdict::fail);
    EXPECT_EQ(outcomes[1].seen, "3 entries of 4");
    EXPECT_THAT(failures(outcomes), ElementsAre("acpi.madt"));
}

TEST(Selftest, AProbeThatStopsMidwayHasFailed) {
    for (const char* text : {"", "probe: begin\nprobe: 1 pass cpu.cr0 x\n",
                             "probe: exception 13 at 0x1 error 0x0\n", "probe: x pass\nprobe:\n"}) {
        const auto outcomes = read_probe(text, "d");
        EXPECT_THAT(failures(outcomes), ElementsAre("probe.end")) << text;
    }
    EXPECT_THAT(read_probe("probe: exception 13 at 0x1 error 0x0\n", "d").back().seen,
                HasSubstr("exception 13"));
}

TEST(Selftest, JudgesTheEntryState) {
    EXPECT_THAT(failures(judge_entry(entry_state(), 0x100850, 0x133000, "d")), IsEmpty());
    auto wrong = entry_state();
    wrong.cs.attributes = 0xa9b; // 64-bit
    wrong.ds.base = 1;
    wrong.es.limit = 0xfffff;
    wrong.ss.attributes = 0xc91; // read only
    wrong.tr.limit = 0;
    EXPECT_THAT(failures(judge_entry(wrong, 0x100851, 0x134000, "d")),
                ElementsAre("entry.rip", "entry.rbx", "entry.cs", "entry.ds", "entry.es",
                            "entry.ss", "cpu.tr"));
}

TEST(Selftest, SumsUpEachClauseOverAllDomains) {
    const std::vector<Outcome> outcomes{
        {"cpu.tr", Verdict::skip, "unseen", "a"}, {"newer.clause", Verdict::pass, "x", "a"},
        {"cpu.cr0", Verdict::pass, "good", "a"},  {"cpu.cr0", Verdict::fail, "bad", "b"},
        {"cpu.tr", Verdict::pass, "seen", "b"},   {"acpi.srat", Verdict::skip, "none", "a"}};
    const auto all = summarise(outcomes, {});
    EXPECT_THAT(all, ElementsAre(Field(&ClauseSummary::clause, "cpu.cr0"),
                                 Field(&ClauseSummary::clause, "cpu.tr"),
                                 Field(&ClauseSummary::clause, "acpi.srat"),
                                 Field(&ClauseSummary::clause, "newer.clause")));
    EXPECT_EQ(all[0].verdict, Verdict::fail);
    EXPECT_EQ(all[0].seen, "bad");
    EXPECT_EQ(all[0].domain, "b");
    EXPECT_THAT(all[0].source, HasSubstr("pvh.pandoc"));
    EXPECT_EQ(all[1].verdict, Verdict::pass);
    EXPECT_EQ(all[1].seen, "seen");
    EXPECT_EQ(all[2].verdict, Verdict::skip);
    EXPECT_EQ(summarise(outcomes, {"acpi"}).size(), 1U);
    EXPECT_EQ(summarise(outcomes, {"acpi", "cr0", "nothing"}).size(), 2U);
}

TEST(Selftest, OfAPatternThatNothingMatchesMakesNoGuest) {
    FakeDaemon daemon;
    const auto result = run(daemon, {"selftest", "cpu", "acpii"});
    EXPECT_EQ(result.status, kUsage);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("no clause holds \"acpii\"; selftest --list names all"));
    EXPECT_THAT(run(daemon, {"selftest", "--list"}).out,
                HasSubstr("entry.rbx                    rbx holds the address of start_info.\n"));
    EXPECT_THAT(daemon.log(), IsEmpty());
}

} // namespace
} // namespace pvh::cli::test
