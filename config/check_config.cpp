// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/check_config.h"

#include "config/check_rules.h"
#include "config/diagnostics.h"
#include "config/parse_all.h"
#include "config/settings.h"
#include "config/spec_reader.h"
#include "libdomain/core/error.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pvh::config {

namespace {

Verdict judge(std::string_view key, const Setting& setting, const Settings& settings) {
    if (setting.is_unparsed()) return Verdict::faulty;
    const Option* option = find_option(key);
    if (option == nullptr) return Verdict::unknown;
    if (settings.is_faulty(key)) return Verdict::refused;
    if (!settings.why_idle(key).empty()) return Verdict::ignored;
    if (option->status == Status::ignored) return Verdict::ignored;
    if (option->status == Status::supported || asks_for_nothing(*option, setting))
        return Verdict::used;
    switch (option->status) {
    case Status::not_yet:
        return Verdict::not_applied;
    case Status::not_yet_needed:
        return Verdict::not_yet;
    case Status::refused:
        return Verdict::refused;
    default:
        return Verdict::used;
    }
}

/// What becomes of an assignment, while places are spans yet.
struct Fate {
    Span where;
    std::string_view key;
    Verdict verdict{};
    std::string why;
    Span by; // the key that overrides it
};

std::vector<Fate> fates_of(const Settings& settings) {
    std::vector<Fate> fates;
    for (const auto& [key, setting] : settings.all())
        fates.push_back({.where = setting.key_span(),
                         .key = key,
                         .verdict = judge(key, setting, settings),
                         .why = settings.why_idle(key),
                         .by = {}});
    for (const Assignment* lost : settings.overridden())
        fates.push_back({.where = lost->key_span,
                         .key = lost->key,
                         .verdict = lost->is_faulty ? Verdict::faulty : Verdict::overridden,
                         .why = {},
                         .by = settings.find(lost->key)->key_span()});
    std::sort(fates.begin(), fates.end(),
              [](const Fate& a, const Fate& b) { return a.where < b.where; });
    return fates;
}

/// Reads each text once, for all places in it.
std::vector<Place> places_of(const Sources& sources, const std::vector<Fate>& sorted) {
    std::vector<PlaceCounter> counters;
    for (const SourceView& source : sources)
        counters.emplace_back(source.text);
    std::vector<Place> places;
    for (const Fate& fate : sorted)
        places.push_back(counters[fate.where.source].at(fate.where.begin));
    return places;
}

std::vector<KeyVerdict> judge_all(const Sources& sources, const Settings& settings) {
    const std::vector<Fate> fates = fates_of(settings);
    const std::vector<Place> places = places_of(sources, fates);
    const auto line_of_key = [&](Span where) {
        const auto found =
            std::lower_bound(fates.begin(), fates.end(), where,
                             [](const Fate& fate, Span wanted) { return fate.where < wanted; });
        return places.at(static_cast<std::size_t>(found - fates.begin())).line;
    };
    std::vector<KeyVerdict> verdicts;
    for (std::size_t i = 0; i < fates.size(); ++i) {
        const Fate& fate = fates[i];
        verdicts.push_back({.key = std::string{fate.key},
                            .verdict = fate.verdict,
                            .file = std::string{sources[fate.where.source].name},
                            .place = places[i],
                            .why = fate.why});
        if (fate.verdict != Verdict::overridden) continue;
        verdicts.back().why = fate.by.source > 0 ? "by the command line"
                                                 : fmt::format("by line {}", line_of_key(fate.by));
    }
    return verdicts;
}

std::vector<Complaint> complaints_of(const Sources& sources, const Diagnostics& diagnostics) {
    std::vector<Complaint> complaints;
    for (const Diagnostic& diagnostic : diagnostics.in_order()) {
        const SourceView& source = sources.at(diagnostic.where.source);
        complaints.push_back({.is_error = diagnostic.severity == Severity::error,
                              .is_only_this_release = diagnostic.is_only_this_release,
                              .file = std::string{source.name},
                              .place = place_of(source.text, diagnostic.where.begin),
                              .message = diagnostic.message,
                              .hint = diagnostic.hint});
    }
    return complaints;
}

} // namespace

std::string_view word_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::used:
        return "used";
    case Verdict::ignored:
        return "ignored";
    case Verdict::overridden:
        return "overridden";
    case Verdict::not_applied:
        return "not applied";
    case Verdict::not_yet:
        return "not yet";
    case Verdict::refused:
        return "refused";
    case Verdict::faulty:
        return "faulty";
    case Verdict::unknown:
        return "unknown";
    }
    return "unknown";
}

bool CheckResult::is_sound() const {
    return std::all_of(complaints.begin(), complaints.end(), [](const Complaint& complaint) {
        return !complaint.is_error || complaint.is_only_this_release;
    });
}

CheckResult check_domain_config(const Source& file, const std::vector<std::string>& overrides,
                                const std::string& directory, Unknown unknown) {
    const Sources sources = collect_sources(file, overrides);
    Diagnostics diagnostics{sources};
    const std::vector<Assignment> assignments = parse_all(sources, diagnostics);
    const bool is_whole = !diagnostics.has_errors();

    Settings settings{sources, assignments, diagnostics};
    check_options(settings, diagnostics, unknown);
    CheckResult result;
    result.spec = SpecReader{sources, settings, directory, diagnostics}.read_all();
    check_rules(sources, settings, result.spec, diagnostics, is_whole);
    check_release(settings, diagnostics);

    result.keys = judge_all(sources, settings);
    result.complaints = complaints_of(sources, diagnostics);
    result.report = diagnostics.render();
    result.warnings = diagnostics.warning_lines();
    result.has_errors = diagnostics.has_errors();
    return result;
}

} // namespace pvh::config
