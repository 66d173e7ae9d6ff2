// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pvh::rpc {

/// The candidate that `word` is most likely a typo of: by edit distance, at most a third of its
/// length; else nothing.
std::optional<std::string_view> nearest_of(std::string_view word,
                                           std::span<const std::string_view> candidates);

/// At most 64 bytes of what a client sent, for a message.
std::string shortened(std::string_view text);

} // namespace pvh::rpc
