// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/nearest.h"

#include "libdomain/core/edit_distance.h"

#include <algorithm>

#include <fmt/format.h>

namespace pvh::rpc {

namespace {

constexpr std::size_t kLongestWord = 64;

} // namespace

std::optional<std::string_view> nearest_of(std::string_view word,
                                           std::span<const std::string_view> candidates) {
    if (word.size() > kLongestWord)
        return std::nullopt; // the work is quadratic and the word hostile
    std::optional<std::string_view> best;
    std::size_t best_distance =
        std::max<std::size_t>(word.size() / 3, 1) + 1; // further away is no typo
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance >= best_distance) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

std::string shortened(std::string_view text) {
    if (text.size() <= kLongestWord) return std::string{text};
    return fmt::format("{}...", text.substr(0, kLongestWord));
}

} // namespace pvh::rpc
