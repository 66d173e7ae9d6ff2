// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/number.h"

#include "config/characters.h"
#include "config/diagnostics.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

#include <fmt/format.h>

namespace pvh::config {

namespace {

struct Digits {
    std::string_view text;
    int base;
};

Digits split_base(std::string_view text) {
    const bool is_prefixed = text.starts_with("0x") || text.starts_with("0X");
    if (is_prefixed && text.size() > 2) return {.text = text.substr(2), .base = 16};
    if (text.size() > 1 && text.front() == '0') return {.text = text.substr(1), .base = 8};
    return {.text = text, .base = 10};
}

/// MiB per unit, in 1/1024, so that a K is 1.
std::uint64_t kib_in(char unit) {
    switch (to_lower(unit)) {
    case 'k':
        return 1;
    case 'm':
        return 1024;
    case 'g':
        return 1024ULL * 1024;
    case 't':
        return 1024ULL * 1024 * 1024;
    default:
        return 0;
    }
}

/// Takes a number off the front of `text`.
std::optional<unsigned> take_number(std::string_view& text, unsigned most) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::invalid_argument) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (error == std::errc::result_out_of_range) return most;
    return static_cast<unsigned>(std::min<std::uint64_t>(number, most));
}

std::string complaint_about(const Digits& digits) {
    if (digits.base == 8 && digits.text.find_first_not_of("0123456789") == std::string_view::npos)
        return "is not a number (a leading 0 means octal)";
    return "is not a number";
}

} // namespace

std::variant<std::uint64_t, std::string> parse_number(std::string_view text) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    if (text.size() > 1 && text.front() == '-' && is_digit(text[1]))
        return "is negative, which is not allowed here";
    if (text.size() > 1 && text.front() == '+' && is_digit(text[1])) text.remove_prefix(1);

    const Digits digits = split_base(text);
    std::uint64_t number = 0;
    const char* end = digits.text.data() + digits.text.size();
    const auto [stopped, fault] = std::from_chars(digits.text.data(), end, number, digits.base);
    if (fault == std::errc::invalid_argument || stopped != end) return complaint_about(digits);
    // xl reads a long: beyond its range is beyond anybody's.
    const bool too_large = fault == std::errc::result_out_of_range ||
                           number > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    if (too_large) return "is too large a number";
    return number;
}

std::variant<std::int64_t, std::string> parse_signed_number(std::string_view text) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    const bool is_negative = text.size() > 1 && text.front() == '-' && is_digit(text[1]);
    if (is_negative) text.remove_prefix(1);
    const auto number = parse_number(text);
    if (const auto* complaint = std::get_if<std::string>(&number)) return *complaint;
    const auto value = static_cast<std::int64_t>(std::get<std::uint64_t>(number));
    return is_negative ? -value : value;
}

std::variant<NumberRange, RangeFault> parse_range(std::string_view text, std::string_view what,
                                                  unsigned most) {
    std::string_view left = text;
    const auto first = take_number(left, most);
    auto last = first;
    if (left.starts_with('-')) {
        left.remove_prefix(1);
        last = take_number(left, most);
    }
    if (!first || !last || !left.empty())
        return RangeFault{.at = first ? text.size() - left.size() : 0,
                          .message = fmt::format("{} is no range of {}s", in_quotes(text), what),
                          .hint = {}};
    if (*last < *first)
        return RangeFault{.at = 0,
                          .message =
                              fmt::format("{} range {} runs backwards", what, in_quotes(text)),
                          .hint = fmt::format("write {}-{}", *last, *first)};
    return NumberRange{.first = *first, .last = *last};
}

std::uint64_t mib_with_unit(std::string_view text) {
    std::uint64_t count = 0;
    const auto [stopped, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
    constexpr std::uint64_t kSane = 1ULL << 24U;
    if (fault != std::errc{} || count > kSane) return 0;
    text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    if (text.empty()) return 0;
    const std::string_view ending = text.substr(1);
    if (!ending.empty() && ending != "B" && ending != "b" && ending != "iB") return 0;
    const std::uint64_t kib = count * kib_in(text.front());
    return kib % 1024 == 0 ? kib / 1024 : 0;
}

std::optional<std::uint64_t> product_in(std::string_view text) {
    constexpr unsigned kMost = 1U << 30U; // of a factor: beyond that it is no honest product
    std::uint64_t product = 1;
    for (unsigned factors = 1;; ++factors) {
        const auto factor = take_number(text, kMost);
        if (!factor || *factor == kMost || product > kMost) return std::nullopt;
        product *= *factor;
        while (!text.empty() && is_blank(text.front()))
            text.remove_prefix(1);
        if (text.empty()) return factors > 1 ? std::optional{product} : std::nullopt;
        if (text.front() != '*') return std::nullopt;
        text.remove_prefix(1);
    }
}

} // namespace pvh::config
