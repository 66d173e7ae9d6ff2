// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace pvh {

/// The candidate that `word` is most likely a typo of: at most a quarter of its letters, or one,
/// are added, dropped, changed or swapped; else nothing. Words of more than 64 bytes have none: the
/// work grows with their length, and they may be hostile.
std::optional<std::string_view> nearest_of(std::string_view word,
                                           std::span<const std::string_view> candidates);

} // namespace pvh
