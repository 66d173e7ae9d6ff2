// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/excerpt.h"

#include <algorithm>

#include <fmt/format.h>

namespace pvh::config {

namespace {

constexpr std::size_t kWindow = 100;
constexpr std::string_view kCut = "...";
constexpr std::string_view kIndent = "    ";

/// The part of a line that is shown: bytes [begin, end).
struct Window {
    std::size_t begin;
    std::size_t end;
};

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

Window window_around(std::string_view line, std::size_t caret) {
    if (line.size() <= kWindow) return {.begin = 0, .end = line.size()};
    const std::size_t wanted = caret > kWindow / 2 ? caret - kWindow / 2 : 0;
    std::size_t begin = std::min(wanted, line.size() - kWindow);
    std::size_t end = begin + kWindow;
    while (begin > 0 && is_continuation(line[begin]))
        --begin; // never cut a character
    while (end < line.size() && is_continuation(line[end]))
        ++end;
    return {.begin = begin, .end = end};
}

char printable(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f ? '?' : c;
}

/// Blanks as wide as `text`: a tab stays a tab, a UTF-8 character takes one column.
std::string blanks_under(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (!is_continuation(c)) out += c == '\t' ? '\t' : ' ';
    return out;
}

std::string underline(std::string_view marked) {
    const auto columns =
        std::count_if(marked.begin(), marked.end(), [](char c) { return !is_continuation(c); });
    return "^" + std::string(columns > 1 ? static_cast<std::size_t>(columns) - 1 : 0, '~');
}

} // namespace

std::string excerpt(const Sources& sources, Span where) {
    const Line line = line_at(sources.at(where.source).text, where.begin);
    const std::size_t caret = std::min<std::size_t>(
        where.begin < line.begin ? 0 : where.begin - line.begin, line.text.size());
    const std::size_t mark_end = std::clamp<std::size_t>(
        where.end < line.begin ? 0 : where.end - line.begin, caret, line.text.size());
    const Window window = window_around(line.text, caret);

    std::string shown{line.text.substr(window.begin, window.end - window.begin)};
    std::transform(shown.begin(), shown.end(), shown.begin(), printable);
    const std::string_view before_cut = window.begin > 0 ? kCut : std::string_view{};
    const std::string_view after_cut = window.end < line.text.size() ? kCut : std::string_view{};
    const std::string_view marked =
        line.text.substr(caret, std::min(mark_end, window.end) - std::min(caret, window.end));
    return fmt::format("{}{}{}{}\n{}{}{}{}\n", kIndent, before_cut, shown, after_cut, kIndent,
                       blanks_under(before_cut),
                       blanks_under(line.text.substr(window.begin, caret - window.begin)),
                       underline(marked));
}

} // namespace pvh::config
