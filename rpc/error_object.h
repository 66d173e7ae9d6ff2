// SPDX-License-Identifier: LGPL-2.1-or-later
// Error and the error object of JSON-RPC, both ways.   [rpc/protocol.md, "Errors"]
#pragma once

#include "libdomain/core/error.h"

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

/// The fixed number of a code: not_found is -32001, and so on down. Part of the protocol.
int rpc_code_of(Errc code);
std::optional<Errc> errc_of_rpc_code(int rpc_code);
/// From the stable string, as in data.code.
std::optional<Errc> parse_errc(std::string_view word);

/// Whether the same request may succeed later though nobody changes it.
bool is_retryable(Errc code);

/// {code, message, data}. A ProtocolError keeps its reserved code.
nlohmann::json to_error_object(const Error& error);

/// The Error that a daemon reported. Whatever is odd about `object` becomes Errc::internal, never
/// an exception.
Error from_error_object(const nlohmann::json& object);

} // namespace pvh::rpc
