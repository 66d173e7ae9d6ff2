// SPDX-License-Identifier: LGPL-2.1-or-later
// [xl.cfg(5) of Xen 4.17 to 4.22; tools/xl/xl_parse.c]
#include "config/option_table.h"

#include "config/options/chapters.h"

#include <algorithm>
#include <array>
#include <vector>

namespace pvh::config {

namespace {

std::vector<Option> join_chapters() {
    const std::array chapters{general_options(),       cpu_options(),      memory_options(),
                              boot_options(),          platform_options(), device_options(),
                              options_without_effect()};
    std::vector<Option> all;
    for (const auto chapter : chapters)
        all.insert(all.end(), chapter.begin(), chapter.end());
    std::sort(all.begin(), all.end(),
              [](const Option& a, const Option& b) { return a.key < b.key; });
    return all;
}

} // namespace

std::span<const Option> all_options() {
    static const std::vector<Option> all = join_chapters();
    return all;
}

const Option* find_option(std::string_view key) {
    const auto all = all_options();
    const auto found = std::lower_bound(
        all.begin(), all.end(), key,
        [](const Option& option, std::string_view wanted) { return option.key < wanted; });
    return found != all.end() && found->key == key ? &*found : nullptr;
}

} // namespace pvh::config
