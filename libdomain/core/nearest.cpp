// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/nearest.h"

#include "libdomain/core/edit_distance.h"

#include <algorithm>
#include <cstddef>

namespace pvh {

std::optional<std::string_view> nearest_of(std::string_view word,
                                           std::span<const std::string_view> candidates) {
    constexpr std::size_t kLongestWord = 64;
    if (word.size() > kLongestWord) return std::nullopt;
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

} // namespace pvh
