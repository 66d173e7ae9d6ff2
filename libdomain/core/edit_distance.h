// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace pvh {

/// How many letters to add, drop, change or swap to get from one word to the other.
/// Costs the product of their lengths: callers bound hostile words first.
std::size_t edit_distance(std::string_view a, std::string_view b);

} // namespace pvh
