// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/nearest.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

namespace pvh {

namespace {

constexpr std::size_t kLongestWord = 64;

/// Optimal string alignment: Levenshtein, and a swap of neighbours counts one. Neither word is
/// longer than kLongestWord. `limit`, or more, if it is not below that.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    using Row = std::array<std::size_t, kLongestWord + 1>;
    std::array<Row, 3> rows{};
    Row* before = rows.data();
    Row* last = before + 1;
    Row* row = last + 1;
    std::iota(last->begin(), last->end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        (*row)[0] = i;
        std::size_t least = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = (*last)[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            (*row)[j] = std::min(std::min((*last)[j], (*row)[j - 1]) + 1, change);
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) (*row)[j] = std::min((*row)[j], (*before)[j - 2] + 1);
            least = std::min(least, (*row)[j]);
        }
        if (least > limit) return limit; // a swap may still take one off, no more
        Row* const oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return (*last)[b.size()];
}

std::size_t length_difference(std::string_view a, std::string_view b) {
    return a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
}

} // namespace

std::optional<std::string_view> nearest_of(std::string_view word,
                                           std::span<const std::string_view> candidates) {
    if (word.size() > kLongestWord) return std::nullopt;
    std::optional<std::string_view> best;
    std::size_t best_distance = std::max<std::size_t>(word.size() / 4, 1) + 1;
    for (const std::string_view candidate : candidates) {
        if (candidate.size() > kLongestWord) continue;
        if (length_difference(word, candidate) >= best_distance) continue; // cannot be nearer
        const std::size_t distance = edit_distance(word, candidate, best_distance);
        if (distance >= best_distance) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

} // namespace pvh
