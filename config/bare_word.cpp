// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/bare_word.h"

#include "config/characters.h"

#include <algorithm>
#include <string_view>

namespace pvh::config {

namespace {

/// A part of the text, from its first byte that is no blank to its last.
struct Piece {
    std::size_t begin;
    std::string_view text;
};

Piece trimmed(std::string_view text, std::size_t begin, std::size_t end) {
    while (begin < end && is_blank(text[begin]))
        ++begin;
    while (end > begin && is_blank(text[end - 1]))
        --end;
    return {.begin = begin, .text = text.substr(begin, end - begin)};
}

Span span_of(const Piece& piece, std::uint32_t index) {
    return {.source = index,
            .begin = static_cast<std::uint32_t>(piece.begin),
            .end = static_cast<std::uint32_t>(piece.begin + piece.text.size())};
}

bool begins_with_syntax(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ||
           std::string_view{"\"'["}.find(text[first]) != std::string_view::npos;
}

bool has_line_breaks_or_nul(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return c == '\n' || c == '\r' || c == '\0'; });
}

} // namespace

std::optional<Assignment> parse_bare_word(const Sources& sources, std::uint32_t index,
                                          Diagnostics& diagnostics) {
    const std::string_view text = sources.at(index).text;
    const std::size_t sign = text.find('=');
    if (sign == std::string_view::npos) return std::nullopt;
    const bool appends = sign > 0 && text[sign - 1] == '+';
    const Piece key = trimmed(text, 0, appends ? sign - 1 : sign);
    // What += joins keeps its blanks: extra+=" quiet" reaches us without the quotes.
    const Piece value = appends ? Piece{.begin = sign + 1, .text = text.substr(sign + 1)}
                                : trimmed(text, sign + 1, text.size());
    const bool fits = is_identifier(key.text) && !begins_with_syntax(value.text) &&
                      !has_line_breaks_or_nul(value.text);
    if (!fits) return std::nullopt;

    if (value.text.find(';') != std::string_view::npos)
        diagnostics.warning(span_of(value, index), "everything after \"=\" is taken as one text",
                            "give several options as several arguments");
    return Assignment{.key = std::string{key.text},
                      .key_span = span_of(key, index),
                      .op = appends ? AssignmentOp::append : AssignmentOp::set,
                      .value = {.kind = ValueKind::word,
                                .span = span_of(value, index),
                                .text = std::string{value.text},
                                .items = {}}};
}

} // namespace pvh::config
