// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pvh::config {

/// A whole number, or why `text` is none: the end of a sentence that begins with the text in
/// quotes. Reads as xl does (strtol, base 0): 0x is hexadecimal, a leading 0 octal, blanks may
/// lead; but takes no negative one.
std::variant<std::uint64_t, std::string> parse_number(std::string_view text);

/// The same, with a minus sign allowed.
std::variant<std::int64_t, std::string> parse_signed_number(std::string_view text);

/// Both ends belong to it.
struct NumberRange {
    unsigned first{};
    unsigned last{};
};

/// Why and from which byte on a text is no range.
struct RangeFault {
    std::size_t at{};
    std::string message;
    std::string hint;
};

/// "3" or "0-3" as xl's strtoul reads it: decimal, and blanks may lead each number. Numbers above
/// `most` are taken for it. `what` is numbered, e.g. "CPU".   [tools/xl/xl_parse.c parse_range]
std::variant<NumberRange, RangeFault> parse_range(std::string_view text, std::string_view what,
                                                  unsigned most);

/// The number of MiB that "2G", "512m" or "4 GiB" mean; 0 if it is no such thing, or no whole
/// number of them.
std::uint64_t mib_with_unit(std::string_view text);

/// What a product such as "4 * 1024" comes to; nothing if it is no product of decimal numbers.
std::optional<std::uint64_t> product_in(std::string_view text);

} // namespace pvh::config
