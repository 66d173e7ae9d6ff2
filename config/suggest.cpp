// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/suggest.h"

#include "config/characters.h"
#include "config/option_table.h"
#include "libdomain/core/nearest.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace pvh::config {

namespace {

/// Below that, everything is near everything.
constexpr std::size_t kShortestWord = 3;
/// No option is longer.
constexpr std::size_t kLongestWord = 40;

/// What other tools call it, and what its name is in xl's commands.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kOtherNames{{
    {"initrd", "ramdisk"},
    {"initramfs", "ramdisk"},
    {"append", "extra"},
    {"mem", "memory"},
    {"ram", "memory"},
    {"nic", "vif"},
    {"nics", "vif"},
    {"pvh", "type"},
    {"cpu_cap", "cap"},
    {"weight", "cpu_weight"},
}};

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
    const std::string wanted = normalised(word);
    const auto* const other =
        std::find_if(kOtherNames.begin(), kOtherNames.end(),
                     [&](const auto& names) { return names.first == wanted; });
    if (other != kOtherNames.end()) return other->second;
    return nearest_of(wanted, all_keys());
}

} // namespace pvh::config
