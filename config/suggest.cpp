// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/suggest.h"

#include "config/characters.h"
#include "config/option_table.h"
#include "libdomain/core/nearest.h"

#include <string>
#include <vector>

namespace pvh::config {

namespace {

/// Below that, everything is near everything.
constexpr std::size_t kShortestWord = 3;
/// No option is longer.
constexpr std::size_t kLongestWord = 40;

std::string normalised(std::string_view word) {
    std::string out{word};
    for (char& c : out)
        c = c == '-' ? '_' : to_lower(c);
    return out;
}

const std::vector<std::string_view>& all_keys() {
    static const std::vector<std::string_view> keys = [] {
        std::vector<std::string_view> found;
        for (const Option& option : all_options())
            found.push_back(option.key);
        return found;
    }();
    return keys;
}

} // namespace

std::optional<std::string_view> nearest_option(std::string_view word) {
    if (word.size() < kShortestWord || word.size() > kLongestWord) return std::nullopt;
    return nearest_of(normalised(word), all_keys());
}

} // namespace pvh::config
