// SPDX-License-Identifier: LGPL-2.1-or-later
// Does this host's Xen, with this pvhd, keep what the boot ABI promises? Asks guests of our own.
#include "cli/selftest.h"

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/probe_life.h"
#include "cli/table.h"
#include "libdomain/core/file.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>
#include <zlib.h>

namespace pvh::cli {

namespace {

namespace fs = std::filesystem;

struct SelftestOptions {
    std::vector<std::string> patterns;
    std::string probes;
    unsigned limit_s = 60;
    bool lists = false;
};

constexpr std::uint64_t kMemoryMib = 64;
constexpr std::uint64_t kMaxProbe = 16UL * 1024 * 1024;

/// Where they are installed: beside the program that runs.
std::string installed_probes() {
    std::error_code fault;
    const fs::path program = fs::read_symlink("/proc/self/exe", fault);
    return (program.parent_path().parent_path() / "share" / "pvhd").string();
}

std::string probe_path(const SelftestOptions& options, const char* name) {
    const fs::path path = fs::path{options.probes} / name;
    std::error_code fault;
    if (!fs::is_regular_file(path, fault))
        throw Error{Errc::not_found, fmt::format("there is no probe at {}", path.string())}
            .with_hint("--probes tells where probe64 and probe32 are");
    return fs::absolute(path).string();
}

/// The module is the other probe: any file would do.
std::string module_words(const std::string& path) {
    const Bytes bytes = read_regular_file(path, kMaxProbe, "probe");
    const auto crc =
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
    return fmt::format(" probe.module={}:{:08x}", bytes.size(), crc);
}

ProbeLife make_life(const SelftestOptions& options, const char* kernel, unsigned vcpus,
                    const std::string& words, const std::string& reason) {
    ProbeLife life{.description = fmt::format("{}, {} vCPU{}", kernel, vcpus, vcpus > 1 ? "s" : ""),
                   .spec = {},
                   .reason = reason};
    DomainSpec& spec = life.spec;
    spec.name = fmt::format("pvhd-selftest-{}-{}", ::getpid(), reason);
    spec.kernel = probe_path(options, kernel);
    spec.cmdline = fmt::format("probe.memory={} probe.vcpus={} probe.end={} {}", kMemoryMib, vcpus,
                               reason, words);
    spec.memory_mib = spec.max_memory_mib = kMemoryMib;
    spec.vcpus = spec.max_vcpus = vcpus;
    spec.on_poweroff = spec.on_reboot = spec.on_crash = spec.on_watchdog = EndAction::preserve;
    return life;
}

/// Each clause is decided by one of them: both containers, one vCPU and several, with a module and
/// without, and every end.
std::vector<ProbeLife> all_lives(const SelftestOptions& options) {
    std::vector<ProbeLife> lives;
    const std::string module = probe_path(options, "probe32");
    lives.push_back(
        make_life(options, "probe64", 4, "probe.run=all" + module_words(module), "poweroff"));
    lives.back().spec.ramdisk = module;
    lives.push_back(make_life(options, "probe32", 1, "", "reboot"));
    lives.push_back(make_life(options, "probe64", 1, "probe.run=cpu", "crash"));
    lives.push_back(make_life(options, "probe64", 1, "probe.run=cpu", "watchdog"));
    return lives;
}

Colour colour_of(Verdict verdict) {
    if (verdict == Verdict::fail) return Colour::red;
    return verdict == Verdict::pass ? Colour::green : Colour::yellow;
}

void print_summary(const ClauseSummary& summary, Context& context) {
    print_marked(context, colour_of(summary.verdict), word_of(summary.verdict),
                 fmt::format(" {} {}", pad_right(summary.clause, 28), summary.seen));
    if (summary.verdict != Verdict::fail) return;
    print_line(context, fmt::format("     in {}", summary.domain));
    print_line(context, fmt::format("     {}", summary.promise));
    print_line(context, fmt::format("     {}", summary.source));
}

nlohmann::json json_of(const ClauseSummary& summary) {
    return {{"clause", summary.clause},   {"source", summary.source},
            {"promise", summary.promise}, {"verdict", word_of(summary.verdict)},
            {"seen", summary.seen},       {"domain", summary.domain}};
}

void print_all(const std::vector<ClauseSummary>& summaries, Context& context) {
    const auto count = [&](Verdict verdict) {
        return std::count_if(summaries.begin(), summaries.end(),
                             [&](const auto& summary) { return summary.verdict == verdict; });
    };
    if (count(Verdict::fail) > 0 || count(Verdict::pass) == 0)
        context.status = exit_status(Errc::internal);
    if (context.json) {
        nlohmann::json clauses = nlohmann::json::array();
        for (const ClauseSummary& summary : summaries)
            clauses.push_back(json_of(summary));
        return print_json(context, {{"clauses", clauses},
                                    {"passed", count(Verdict::pass)},
                                    {"failed", count(Verdict::fail)},
                                    {"skipped", count(Verdict::skip)}});
    }
    for (const ClauseSummary& summary : summaries)
        print_summary(summary, context);
    print_line(context, fmt::format("{} passed, {} failed, {} skipped", count(Verdict::pass),
                                    count(Verdict::fail), count(Verdict::skip)));
}

void list_clauses(Context& context) {
    for (const ClauseName& clause : clause_names())
        print_line(context, fmt::format("{} {}", pad_right(clause.id, 28), clause.promise));
}

/// Before any guest is made: a slip should cost no minute.
void require_matches(const std::vector<std::string>& patterns) {
    const auto clauses = clause_names();
    for (const std::string& pattern : patterns)
        if (std::none_of(clauses.begin(), clauses.end(), [&](const ClauseName& clause) {
                return clause.id.find(pattern) != std::string_view::npos;
            }))
            throw ::CLI::ValidationError(
                "PATTERN",
                fmt::format("no clause holds \"{}\"; selftest --list names all", pattern));
}

void run_selftest(SelftestOptions options, Context& context) {
    if (options.lists) return list_clauses(context);
    require_matches(options.patterns);
    if (options.probes.empty()) options.probes = installed_probes();
    const SignalCatcher signals; // domains are destroyed on every way out
    std::vector<Outcome> outcomes;
    for (const ProbeLife& life : all_lives(options)) {
        const auto seen = live(life, std::chrono::seconds{options.limit_s}, signals, context);
        outcomes.insert(outcomes.end(), seen.begin(), seen.end());
    }
    print_all(summarise(outcomes, options.patterns), context);
}

} // namespace

void setup_selftest(::CLI::App& app, Context& context) {
    auto options = std::make_shared<SelftestOptions>();
    ::CLI::App* sub =
        app.add_subcommand("selftest", "Check inside guests that this host keeps the boot ABI");
    sub->add_option("PATTERN", options->patterns, "Print only clauses whose id holds one of these");
    sub->add_flag("--list", options->lists, "Print the clauses, and make no guest");
    sub->add_option("--probes", options->probes, "Folder of probe64 and probe32")->type_name("DIR");
    sub->add_option("--limit", options->limit_s, "Seconds that each guest may take")
        ->capture_default_str();
    sub->footer(
        "Makes four guests of 64 MiB, one after the other, and destroys them. The status is 0\n"
        "if no clause is broken.");
    add_examples(*sub, kHost, {"pvhctl selftest", "pvhctl selftest --list memory"});
    sub->callback([options, &context] { run_selftest(*options, context); });
}

} // namespace pvh::cli
