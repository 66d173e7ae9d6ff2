// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
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

/// The number of MiB that "2G", "512m" or "4 GiB" mean; 0 if it is no such thing, or no whole
/// number of them.
std::uint64_t mib_with_unit(std::string_view text);

} // namespace pvh::config
