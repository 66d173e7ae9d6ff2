// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/shortened.h"

#include <cstddef>

#include <fmt/format.h>

namespace pvh::rpc {

std::string shortened(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    if (text.size() <= kLongest) return std::string{text};
    return fmt::format("{}...", text.substr(0, kLongest));
}

} // namespace pvh::rpc
