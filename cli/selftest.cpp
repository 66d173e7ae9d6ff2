// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/selftest.h"

#include "tests/probe/clauses.h"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

#include <fmt/format.h>

namespace pvh::cli {

namespace {

constexpr const char* kContext = "xen docs/misc/pvh.pandoc, by Xen's own record of vCPU 0";
constexpr const char* kSched = "xen/include/public/sched.h, SHUTDOWN_*";

/// What only dom0 sees; the others are the probe's own.
constexpr std::array kOurClauses{
    probe::Clause{"entry.rip", kContext, "The first instruction is at the note's entry point."},
    probe::Clause{"entry.rbx", kContext, "rbx holds the address of start_info."},
    probe::Clause{"entry.cs", kContext, "cs is present 32-bit code, base 0, limit 4 GiB."},
    probe::Clause{"entry.ds", kContext, "ds is present writable data, base 0, limit 4 GiB."},
    probe::Clause{"entry.es", kContext, "es is present writable data, base 0, limit 4 GiB."},
    probe::Clause{"entry.ss", kContext, "ss is present writable data, base 0, limit 4 GiB."},
    probe::Clause{"end.poweroff", kSched, "A guest that powers off is seen to have done so."},
    probe::Clause{"end.reboot", kSched, "A guest that reboots is seen to have done so."},
    probe::Clause{"end.crash", kSched, "A guest that crashes is seen to have done so."},
    probe::Clause{"end.watchdog", kSched, "A watchdog that is not fed ends its guest."},
    probe::Clause{"probe.end", "tests/probe", "The probe comes to its end."},
};

std::vector<probe::Clause> all_clauses() {
    std::vector<probe::Clause> all{std::begin(probe::kClauses), std::end(probe::kClauses)};
    all.insert(all.end(), kOurClauses.begin(), kOurClauses.end());
    return all;
}

std::optional<Verdict> verdict_of(std::string_view word) {
    for (const Verdict verdict : {Verdict::pass, Verdict::fail, Verdict::skip})
        if (word_of(verdict) == word) return verdict;
    return std::nullopt;
}

/// "probe: 3 pass cpu.cr4 cr4=0x0"; nothing for other lines.
std::optional<Outcome> read_line(const std::string& line, const std::string& domain) {
    std::istringstream words{line};
    std::string mark;
    std::string number;
    std::string verdict;
    Outcome outcome{.clause = {}, .verdict = {}, .seen = {}, .domain = domain};
    if (!(words >> mark >> number >> verdict >> outcome.clause) || mark != "probe:")
        return std::nullopt;
    const auto known = verdict_of(verdict);
    if (!known) return std::nullopt;
    outcome.verdict = *known;
    std::getline(words >> std::ws, outcome.seen);
    while (!outcome.seen.empty() && outcome.seen.back() == '\r')
        outcome.seen.pop_back();
    return outcome;
}

std::string segment_text(const SegmentState& segment) {
    return fmt::format("base={:#x} limit={:#x} attributes={:#x}", segment.base, segment.limit,
                       segment.attributes);
}

// P, S, and the type: code that can be read, or data that can be written; accessed is Xen's affair.
// D/B and G for 4 GiB.   [Intel SDM volume 3A section 3.4.5]
constexpr std::uint32_t kNotAccessed = ~1U;
constexpr std::uint32_t kFlatCode = 0xc9a;
constexpr std::uint32_t kFlatData = 0xc92;
constexpr std::uint32_t kBusyTss = 0x8b;

bool is_flat(const SegmentState& segment, std::uint32_t attributes) {
    return segment.base == 0 && segment.limit == 0xffffffff &&
           (segment.attributes & kNotAccessed) == attributes;
}

bool is_better(const Outcome& one, const Outcome& other) { // tells more about the clause
    constexpr std::array kRank{1, 2, 0};                   // pass, fail, skip
    return kRank.at(static_cast<std::size_t>(one.verdict)) >
           kRank.at(static_cast<std::size_t>(other.verdict));
}

void add_summary(const probe::Clause& clause, const std::vector<Outcome>& outcomes,
                 std::vector<ClauseSummary>& out) {
    const Outcome* best = nullptr;
    for (const Outcome& outcome : outcomes)
        if (outcome.clause == clause.id && (best == nullptr || is_better(outcome, *best)))
            best = &outcome;
    if (best != nullptr)
        out.push_back(
            {clause.id, clause.source, clause.promise, best->verdict, best->seen, best->domain});
}

} // namespace

std::string_view word_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::pass:
        return "pass";
    case Verdict::fail:
        return "fail";
    case Verdict::skip:
        return "skip";
    }
    return "fail";
}

std::vector<Outcome> read_probe(std::string_view console, const std::string& domain) {
    std::vector<Outcome> outcomes;
    std::istringstream lines{std::string{console}};
    std::string line;
    std::string last = "it said nothing";
    bool is_whole = false;
    while (std::getline(lines, line)) {
        if (auto outcome = read_line(line, domain)) outcomes.push_back(*std::move(outcome));
        is_whole |= line.starts_with("probe: end ");
        if (line.starts_with("probe: ")) last = line;
    }
    outcomes.push_back({"probe.end", is_whole ? Verdict::pass : Verdict::fail, last, domain});
    return outcomes;
}

std::vector<Outcome> judge_entry(const VcpuState& state, std::uint64_t entry,
                                 std::uint64_t start_info, const std::string& domain) {
    std::vector<Outcome> outcomes;
    const auto judge = [&](const char* clause, bool holds, std::string seen) {
        outcomes.push_back(
            {clause, holds ? Verdict::pass : Verdict::fail, std::move(seen), domain});
    };
    judge("entry.rip", state.rip == entry, fmt::format("rip={:#x} of {:#x}", state.rip, entry));
    judge("entry.rbx", state.rbx == start_info,
          fmt::format("rbx={:#x} of {:#x}", state.rbx, start_info));
    judge("entry.cs", is_flat(state.cs, kFlatCode), segment_text(state.cs));
    judge("entry.ds", is_flat(state.ds, kFlatData), segment_text(state.ds));
    judge("entry.es", is_flat(state.es, kFlatData), segment_text(state.es));
    judge("entry.ss", is_flat(state.ss, kFlatData), segment_text(state.ss));
    judge("cpu.tr", state.tr.base == 0 && state.tr.limit == 0x67 && state.tr.attributes == kBusyTss,
          segment_text(state.tr));
    return outcomes;
}

std::vector<ClauseSummary> summarise(const std::vector<Outcome>& outcomes,
                                     const std::vector<std::string>& patterns) {
    std::vector<ClauseSummary> summaries;
    const std::vector<probe::Clause> clauses = all_clauses();
    for (const probe::Clause& clause : clauses)
        add_summary(clause, outcomes, summaries);
    for (const Outcome& outcome : outcomes) { // a newer probe's
        const auto is_it = [&](const auto& other) { return other.clause == outcome.clause; };
        if (std::none_of(summaries.begin(), summaries.end(), is_it))
            add_summary({outcome.clause.c_str(), "", ""}, outcomes, summaries);
    }
    std::erase_if(summaries, [&](const ClauseSummary& summary) {
        return !patterns.empty() &&
               std::none_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
                   return summary.clause.find(pattern) != std::string::npos;
               });
    });
    return summaries;
}

std::vector<ClauseName> clause_names() {
    std::vector<ClauseName> names;
    for (const probe::Clause& clause : all_clauses())
        names.push_back({.id = clause.id, .promise = clause.promise});
    return names;
}

} // namespace pvh::cli
