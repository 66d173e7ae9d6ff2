// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string_view>

namespace pvh::config {

/// How many letters to add, drop, change or swap to get from one word to the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The option that whoever wrote `word` probably meant: the same but for case and hyphens, else the
/// nearest if it is near.
std::optional<std::string_view> nearest_option(std::string_view word);

} // namespace pvh::config
