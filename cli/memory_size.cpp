// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/memory_size.h"

#include "libdomain/core/error.h"

#include <array>
#include <cctype>
#include <charconv>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace pvh::cli {

namespace {

// More than any machine has, and far from the end of 64 bits.
constexpr std::uint64_t kMostKib = std::uint64_t{1} << 40;

[[noreturn]] void refuse(std::string_view text) {
    throw Error{Errc::invalid_config, fmt::format("\"{}\" is no memory size", text)}.with_hint(
        "write a number of MiB, or add one of b, k, m, g, t to a number: 512, 1g");
}

} // namespace

std::uint64_t parse_memory_size(std::string_view text) {
    constexpr std::array<std::pair<char, unsigned>, 4> kShifts{
        {{'k', 0}, {'m', 10}, {'g', 20}, {'t', 30}}};
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc{} || end - rest > 1) refuse(text);
    const char unit = rest == end ? 'm' : static_cast<char>(std::tolower(*rest));
    if (unit == 'b') return number >> 10U;
    for (const auto& [letter, shift] : kShifts) {
        if (letter != unit) continue;
        if (number > kMostKib >> shift) refuse(text);
        return number << shift;
    }
    refuse(text);
}

} // namespace pvh::cli
