// SPDX-License-Identifier: LGPL-2.1-or-later
// What the params of every method that changes something may hold beside its own members.
#pragma once

#include "libdomain/spec/words.h"

#include <array>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

enum class CallMode { wait, job };

struct Envelope {
    CallMode mode = CallMode::wait;
    std::string request_id; // empty: none
};

/// Takes them out of `params`. Throws InvalidParams.
Envelope take_envelope(nlohmann::json& params);

/// Each member's schema, by name.
nlohmann::json envelope_schema();

} // namespace pvh::rpc

template <>
inline constexpr std::array<std::string_view, 2> pvh::kWords<pvh::rpc::CallMode>{"wait", "job"};
