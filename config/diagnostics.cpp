// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/diagnostics.h"

#include "config/excerpt.h"
#include "config/limits.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace pvh::config {

namespace {

std::string_view word_for(Severity severity) {
    return severity == Severity::error ? "error" : "warning";
}

std::string position(const Sources& sources, Span where) {
    const SourceView& source = sources.at(where.source);
    const Place place = place_of(source.text, where.begin);
    return fmt::format("{}:{}:{}", source.name, place.line, place.column);
}

bool points_somewhere(Span where) {
    return where.end > where.begin;
}

std::string render_note(const Sources& sources, const Note& note) {
    return fmt::format("{}: note: {}\n{}", position(sources, note.where), note.text,
                       excerpt(sources, note.where));
}

std::string render_one(const Sources& sources, const Diagnostic& diagnostic) {
    std::string out = fmt::format("{}: {}: {}\n", position(sources, diagnostic.where),
                                  word_for(diagnostic.severity), diagnostic.message);
    if (points_somewhere(diagnostic.where)) out += excerpt(sources, diagnostic.where);
    if (!diagnostic.hint.empty()) out += fmt::format("  hint: {}\n", diagnostic.hint);
    for (const Note& note : diagnostic.notes)
        out += render_note(sources, note);
    return out;
}

std::string render_warning_line(const Sources& sources, const Diagnostic& diagnostic) {
    std::string out =
        fmt::format("{}: warning: {}", position(sources, diagnostic.where), diagnostic.message);
    if (!diagnostic.hint.empty()) out += fmt::format(" ({})", diagnostic.hint);
    return out;
}

std::string render_rest(std::size_t count, std::size_t cap, std::string_view what) {
    return count > cap ? fmt::format("... and {} more {}\n", count - cap, what) : std::string{};
}

} // namespace

void Diagnostics::error(Span where, std::string message, std::string hint) {
    add({Severity::error, where, std::move(message), std::move(hint), {}});
}

void Diagnostics::warning(Span where, std::string message, std::string hint) {
    add({Severity::warning, where, std::move(message), std::move(hint), {}});
}

void Diagnostics::add(Diagnostic diagnostic) {
    const bool is_error = diagnostic.severity == Severity::error;
    std::size_t& count = is_error ? errors_ : warnings_;
    if (count++ < (is_error ? kMaxErrorsShown : kMaxWarningsShown))
        kept_.push_back(std::move(diagnostic));
}

bool Diagnostics::wants_errors() const {
    return errors_ < kMaxErrorsShown;
}

bool Diagnostics::wants_warnings() const {
    return warnings_ < kMaxWarningsShown;
}

std::vector<Diagnostic> Diagnostics::in_order() const {
    std::vector<Diagnostic> sorted = kept_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Diagnostic& a, const Diagnostic& b) { return a.where < b.where; });
    return sorted;
}

std::string Diagnostics::render() const {
    std::string out;
    for (const Diagnostic& diagnostic : in_order())
        out += render_one(sources_, diagnostic);
    out += render_rest(errors_, kMaxErrorsShown, "errors");
    out += render_rest(warnings_, kMaxWarningsShown, "warnings");
    if (!out.empty()) out.pop_back(); // whoever prints it ends the line
    return out;
}

std::vector<std::string> Diagnostics::warning_lines() const {
    std::vector<std::string> lines;
    for (const Diagnostic& diagnostic : in_order())
        if (diagnostic.severity == Severity::warning)
            lines.push_back(render_warning_line(sources_, diagnostic));
    if (warnings_ > kMaxWarningsShown)
        lines.push_back(fmt::format("... and {} more warnings", warnings_ - kMaxWarningsShown));
    return lines;
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t kLongest = 60;
    std::string out = "\"";
    for (const char c : text.substr(0, kLongest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f)
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
        else
            out += c;
    }
    return out + (text.size() > kLongest ? "...\"" : "\"");
}

} // namespace pvh::config
