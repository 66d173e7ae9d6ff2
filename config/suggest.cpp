// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/suggest.h"

#include "config/characters.h"
#include "config/option_table.h"
#include "libdomain/core/edit_distance.h"

#include <algorithm>
#include <string>

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
