// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/spec/device_spec.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace pvh::config {

struct RateFault {
    std::size_t index{}; // of the byte where it goes wrong
    std::string message;
    std::string hint;
};

/// NUMBER [G|M|K] (B|b) "/s" [ "@" NUMBER ["s"|"ms"|"us"] ]: bytes or bits a second, thousands
/// by prefix, and how often the credit is renewed (50 ms). An interval without a unit is in
/// seconds: so xl reads it, and its manual errs.   [tools/libs/util/libxlu_vif.c]
std::variant<RateLimit, RateFault> parse_rate(std::string_view text);

} // namespace pvh::config
