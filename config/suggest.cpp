// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/suggest.h"

#include "config/characters.h"
#include "config/option_table.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace pvh::config {

namespace {

/// Below that, everything is near everything.
constexpr std::size_t kShortestWord = 3;
/// No option is longer; also bounds the work that a hostile key can cause.
constexpr std::size_t kLongestWord = 40;

std::string normalised(std::string_view word) {
    std::string out{word};
    for (char& c : out)
        c = c == '-' ? '_' : to_lower(c);
    return out;
}

std::size_t length_difference(std::string_view a, std::string_view b) {
    return a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
}

} // namespace

// Optimal string alignment: Levenshtein, and a swap of neighbours counts one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

std::optional<std::string_view> nearest_option(std::string_view word) {
    if (word.size() < kShortestWord || word.size() > kLongestWord) return std::nullopt;
    const std::string wanted = normalised(word);
    if (const Option* same = find_option(wanted)) return same->key;

    const Option* nearest = nullptr;
    std::size_t least = std::max<std::size_t>(1, wanted.size() / 4) + 1; // further away is no typo
    for (const Option& option : all_options()) {
        if (length_difference(wanted, option.key) >= least) continue; // cannot be nearer
        const std::size_t distance = edit_distance(wanted, option.key);
        if (distance >= least) continue;
        least = distance;
        nearest = &option;
    }
    if (nearest == nullptr) return std::nullopt;
    return nearest->key;
}

} // namespace pvh::config
