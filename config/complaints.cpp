// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/complaints.h"

#include "config/characters.h"
#include "config/number.h"
#include "config/option_table.h"
#include "config/suggest.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace pvh::config {

namespace {

constexpr std::array<std::string_view, 14> kPythonWords{"import", "from",  "def",    "if",   "for",
                                                        "while",  "print", "class",  "else", "try",
                                                        "elif",   "with",  "return", "del"};
constexpr std::array<std::string_view, 6> kBooleanWords{"true", "false", "yes", "no", "on", "off"};
constexpr std::array<std::string_view, 3> kNothings{"none", "null", "nil"};
constexpr std::string_view kNoExpressions =
    "expressions are not supported (a Python config of xend?)";

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), to_lower);
    return out;
}

template <class Words> bool is_one_of(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool looks_fractional(std::string_view text) {
    const std::size_t dot = text.find('.');
    if (dot == 0 || dot == std::string_view::npos || dot + 1 == text.size()) return false;
    return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool looks_negative(std::string_view text) {
    return text.size() > 1 && text.front() == '-' && is_digit(text[1]);
}

/// U+2018 to U+201F in UTF-8: what word processors make of quotes.
bool has_typographic_quote(std::string_view text) {
    for (std::size_t at = text.find("\xe2\x80"); at != std::string_view::npos;
         at = text.find("\xe2\x80", at + 1))
        if (at + 2 < text.size() && text[at + 2] >= '\x98' && text[at + 2] <= '\x9f') return true;
    return false;
}

bool takes_number(const Option* option) {
    return option != nullptr && option->shape == Shape::number;
}

/// The rest of the line from `begin` on, without its comment, other statements and blanks.
std::string_view phrase_from(const Sources& sources, Span begin) {
    const Line line = line_at(sources.at(begin.source).text, begin.begin);
    std::string_view text = line.text.substr(begin.begin - line.begin);
    text = text.substr(0, text.find_first_of("#;\r"));
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// A name with a parenthesis behind it, as in max(2, 4).
bool is_call(const Sources& sources, Span name) {
    const std::string_view phrase = phrase_from(sources, name);
    const std::size_t end = phrase.find_first_not_of(" \t", name.end - name.begin);
    return end != std::string_view::npos && phrase[end] == '(';
}

bool is_operator(std::string_view text) {
    constexpr std::string_view kOperators = "+*/%";
    return kOperators.find(text.front()) != std::string_view::npos || text == "-";
}

/// What somebody meant by `text` for a number of `unit`.
std::optional<std::uint64_t> number_meant(std::string_view unit, std::string_view text) {
    if (const auto product = product_in(text)) return product;
    const std::uint64_t mib = unit == "MiB" ? mib_with_unit(text) : 0;
    return mib != 0 ? std::optional{mib} : std::nullopt;
}

std::string write_result(const Option& option, std::string_view text) {
    const auto meant = number_meant(option.unit, text);
    return meant ? fmt::format("write {}", *meant) : "write what it comes to";
}

Diagnostic bad_number(const Option& option, const Sources& sources, Span where) {
    const std::string_view text = text_of(sources, where);
    const std::string_view phrase = phrase_from(sources, where);
    if (text.find_first_of("*/") != std::string_view::npos)
        return error_at(where, std::string{kNoExpressions}, write_result(option, phrase));
    return error_at(where, fmt::format("{} is not a number", in_quotes(text)),
                    hint_on_number(option.key, option.unit, phrase));
}

/// As in r"..." of Python.
bool is_before_quote(const Sources& sources, Span where) {
    const std::string_view text = sources.at(where.source).text;
    return where.end < text.size() && (text[where.end] == '"' || text[where.end] == '\'');
}

Diagnostic bare_word(std::string_view text, Span where) {
    return error_at(where, fmt::format("bare word {}; strings need quotes", in_quotes(text)),
                    fmt::format("write {}", in_quotes(text)));
}

Diagnostic bad_word(const Sources& sources, std::string_view key, Span where) {
    const std::string_view text = text_of(sources, where);
    const Option* option = find_option(key);
    const bool wants_number = takes_number(option);
    if (is_call(sources, where))
        return error_at(where, fmt::format("{}: Python code is not supported", in_quotes(text)),
                        "write what it returns");
    if (has_typographic_quote(text))
        return error_at(where, "typographic quotes are no quotes", R"(type " or ')");
    if (looks_fractional(text) && wants_number)
        return error_at(where, fmt::format("{}: numbers must be whole", in_quotes(text)),
                        hint_on_number(key, option->unit, text));
    if (looks_negative(text)) {
        const bool may_be = option != nullptr && option->shape == Shape::signed_number;
        return error_at(where, "a negative number is not allowed here",
                        may_be ? fmt::format("write it in quotes: \"{}\"", text) : "");
    }
    if (is_digit(text.front()) && wants_number) return bad_number(*option, sources, where);
    if (is_one_of(kNothings, lower(text)))
        return error_at(where, fmt::format("there is no {} here", text), "leave the option out");
    if (is_one_of(kBooleanWords, lower(text)))
        return error_at(where, fmt::format("bare word {}; booleans are 0 or 1", in_quotes(text)));
    if (text.front() == '$')
        return error_at(where, "there are no variables here", "write the value");
    if (is_before_quote(sources, where))
        return error_at(where, fmt::format("{} before a string means nothing", in_quotes(text)),
                        "remove it");
    return bare_word(text, where);
}

std::string did_you_mean(std::string_view word) {
    const auto nearest = nearest_option(word);
    return nearest ? fmt::format("did you mean {}?", in_quotes(*nearest)) : std::string{};
}

Diagnostic bad_key_word(std::string_view word, Span where) {
    const std::size_t space = word.find("\xc2\xa0");
    if (space != std::string_view::npos) {
        const auto at = where.begin + static_cast<std::uint32_t>(space);
        return error_at({where.source, at, at + 2}, "a no-break space (U+00A0) is no space here",
                        "type a plain one");
    }
    if (word.starts_with("//") || word.starts_with("/*") || word.starts_with("--"))
        return error_at(where, fmt::format("{} begins no comment here", in_quotes(word)),
                        "a comment begins with \"#\"");
    const std::string_view before_last = word.substr(0, word.size() - 1);
    if (word.ends_with(':') && is_one_of(kPythonWords, before_last))
        return error_at(where, fmt::format("{}: Python code is not supported", in_quotes(word)));
    if (word.ends_with(':') && is_identifier(before_last))
        return error_at({where.source, where.end - 1, where.end},
                        fmt::format(R"("=" is expected after {})", in_quotes(before_last)),
                        fmt::format("write {} = ...", before_last));
    const std::size_t hyphen = word.find('-');
    if (hyphen != std::string_view::npos && hyphen > 0) {
        const auto at = where.begin + static_cast<std::uint32_t>(hyphen);
        return error_at({where.source, at, at + 1}, "unexpected \"-\" in option name",
                        did_you_mean(word));
    }
    if (std::any_of(word.begin(), word.end(), is_upper))
        return error_at(where, "option names are lower-case", did_you_mean(word));
    return error_at(where, fmt::format("{} is not an option name", in_quotes(word)),
                    did_you_mean(word));
}

} // namespace

std::string hint_on_number(std::string_view key, std::string_view unit, std::string_view text) {
    const auto meant = number_meant(unit, text);
    if (unit != "MiB") return meant ? fmt::format("write {}", *meant) : "";
    return meant ? fmt::format("{} is in MiB, write {}", key, *meant)
                 : fmt::format("{} is in MiB", key);
}

Diagnostic error_at(Span where, std::string message, std::string hint) {
    return {Severity::error, where, std::move(message), std::move(hint), {}};
}

Diagnostic bad_key(const Sources& sources, const Token& token) {
    const std::string_view text = text_of(sources, token.span);
    switch (token.kind) {
    case TokenKind::word:
        return bad_key_word(text, token.span);
    case TokenKind::number:
        return error_at(token.span, "an option name cannot begin with a digit");
    case TokenKind::string:
        return error_at(token.span, "an option name is expected here, not a string");
    case TokenKind::close_list:
        return error_at(token.span, "this \"]\" closes no list");
    default:
        return error_at(token.span,
                        fmt::format("an option name is expected before {}", in_quotes(text)));
    }
}

Diagnostic missing_assign(const Sources& sources, const Token& key, const Token& token) {
    const std::string_view name = text_of(sources, key.span);
    if (is_one_of(kPythonWords, name))
        return error_at(token.span,
                        fmt::format("{}: Python code is not supported", in_quotes(name)));
    return error_at(token.span, fmt::format("\"=\" is expected after {}", in_quotes(name)));
}

Diagnostic bad_value(const Sources& sources, std::string_view key, const Token& token) {
    const std::string_view text = text_of(sources, token.span);
    switch (token.kind) {
    case TokenKind::newline:
    case TokenKind::end:
        return error_at(token.span, "a value is expected on the same line as \"=\"");
    case TokenKind::ident:
    case TokenKind::word:
        return bad_word(sources, key, token.span);
    case TokenKind::other:
        if (text == "(" || text == "{") return error_at(token.span, R"(lists use "[" ... "]")");
        [[fallthrough]];
    default:
        return error_at(token.span, fmt::format("a value is expected before {}", in_quotes(text)));
    }
}

Diagnostic bare_item(const Sources& sources, std::string_view key, const Token& first, Span item) {
    const std::string_view text = text_of(sources, item);
    const bool is_one_token = item.end == first.span.end;
    if (is_one_token || has_typographic_quote(text)) return bad_value(sources, key, first);
    return bare_word(text, item);
}

Diagnostic junk_after_value(const Sources& sources, std::string_view key, Span value,
                            const Token& token) {
    const std::string_view text = text_of(sources, token.span);
    const Option* option = find_option(key);
    const bool wants_number = takes_number(option);
    const std::string_view phrase = phrase_from(sources, value);
    if (is_operator(text))
        return error_at(token.span, std::string{kNoExpressions},
                        wants_number  ? write_result(*option, phrase)
                        : text == "+" ? "use += on a new line"
                                      : "write what it comes to");
    if (text == "\\")
        return error_at(token.span, "a line cannot be continued", "use += on a new line");
    if (token.kind == TokenKind::comma)
        return error_at(token.span, R"(several values need a list: "[" ... "]")");
    if (wants_number && number_meant(option->unit, phrase))
        return error_at(value, fmt::format("{} is not a number", in_quotes(phrase)),
                        hint_on_number(key, option->unit, phrase));
    return error_at(token.span, "a newline or \";\" is expected after the value");
}

Diagnostic junk_in_list(const Sources& sources, const Token& token) {
    const std::string_view text = text_of(sources, token.span);
    if (token.kind == TokenKind::comma) return error_at(token.span, "empty list item");
    if (token.kind == TokenKind::string || token.kind == TokenKind::number ||
        token.kind == TokenKind::open_list)
        return error_at(token.span, "missing \",\" between list items");
    if (text == "+" || text.starts_with('%'))
        return error_at(token.span, std::string{kNoExpressions});
    return error_at(token.span, fmt::format("{} is not expected in a list", in_quotes(text)));
}

} // namespace pvh::config
