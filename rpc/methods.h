// SPDX-License-Identifier: LGPL-2.1-or-later
// The table of methods: what the daemon dispatches by, what rpc.discover tells, what protocol.md
// explains.
#pragma once

#include <span>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

inline constexpr unsigned kApiMajor = 1;
inline constexpr unsigned kApiMinor = 1;

/// Each may do what those before it may.
enum class Role { reader, operate, admin };

std::string_view to_string(Role role);

struct Method {
    std::string_view name;
    std::string_view summary;
    Role role;
    bool is_mutating; // leaves an audit line
    nlohmann::json (*params_schema)();
    nlohmann::json (*result_schema)();
};

/// Ascending by name.
std::span<const Method> methods();

/// Null if there is none of that name.
const Method* find_method(std::string_view name);

/// find_method, or throws ProtocolError (method not found) with the nearest name.
const Method& require_method(std::string_view name);

/// The OpenRPC document of rpc.discover.   [https://spec.open-rpc.org]
nlohmann::json describe_api(std::string_view daemon_version);

} // namespace pvh::rpc
