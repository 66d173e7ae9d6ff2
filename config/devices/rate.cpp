// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/devices/rate.h"

#include "config/characters.h"
#include "config/diagnostics.h"

#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

#include <fmt/format.h>

namespace pvh::config {

namespace {

constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
constexpr const char* kHint = "e.g. 10Mb/s or 1MB/s@20ms";

/// A positive number that fits 32 bits, taken off the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number == 0 || number > kMax32) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

std::uint64_t take_thousands(std::string_view& text) {
    constexpr std::string_view kPrefixes = "KMG";
    const std::size_t power = text.empty() ? std::string_view::npos : kPrefixes.find(text.front());
    if (power == std::string_view::npos) return 1;
    text.remove_prefix(1);
    constexpr std::uint64_t kThousand = 1000;
    return power == 0   ? kThousand
           : power == 1 ? kThousand * kThousand
                        : kThousand * kThousand * kThousand;
}

std::optional<std::uint64_t> parse_bytes_per_second(std::string_view text) {
    auto number = take_number(text);
    if (!number) return std::nullopt;
    *number *= take_thousands(text);
    if (text == "B/s") return number;
    if (text == "b/s") return *number / 8;
    return std::nullopt;
}

std::optional<std::uint64_t> parse_interval_us(std::string_view text) {
    auto number = take_number(text);
    if (!number) return std::nullopt;
    constexpr std::uint64_t kSecond = 1000000;
    const std::uint64_t unit = text.empty() || text == "s"   ? kSecond
                               : text == "ms" || text == "m" ? 1000
                               : text == "us" || text == "u" ? 1
                                                             : 0;
    if (unit == 0 || *number * unit > kMax32) return std::nullopt;
    return *number * unit;
}

} // namespace

std::variant<RateLimit, RateFault> parse_rate(std::string_view text) {
    const std::size_t at = text.find('@');
    const auto rate = parse_bytes_per_second(text.substr(0, at));
    const std::size_t after_zeros = text.find_first_not_of('0');
    if (after_zeros != 0 && (after_zeros == std::string_view::npos || !is_digit(text[after_zeros])))
        return RateFault{0, "at a rate of 0 nothing gets through", "leave rate= out for no limit"};
    if (!rate)
        return RateFault{0, fmt::format("{} is no rate", in_quotes(text.substr(0, at))),
                         fmt::format("a rate needs a unit, {}", kHint)};
    RateLimit limit{.bytes_per_interval = 0, .interval_us = 50000};
    if (at != std::string_view::npos) {
        const auto interval = parse_interval_us(text.substr(at + 1));
        if (!interval)
            return RateFault{
                at + 1, fmt::format("{} is no interval", in_quotes(text.substr(at + 1))), kHint};
        limit.interval_us = static_cast<std::uint32_t>(*interval);
    }
    // At most 2^32 * 10^9 * 2^32 / 10^6: beyond 64 bits only for rates that nobody has.
    if (*rate > std::numeric_limits<std::uint64_t>::max() / limit.interval_us)
        return RateFault{0, fmt::format("rate {} is too high", in_quotes(text)), ""};
    limit.bytes_per_interval = *rate * limit.interval_us / 1000000;
    return limit;
}

} // namespace pvh::config
