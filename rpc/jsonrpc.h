// SPDX-License-Identifier: LGPL-2.1-or-later
// JSON-RPC 2.0: what a line asks for, and what goes back.   [https://www.jsonrpc.org/specification]
#pragma once

#include "libdomain/core/error.h"
#include "rpc/protocol_error.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

struct Request {
    std::optional<nlohmann::json>
        id; // string, integer or null; absent: a notification, never answered
    std::string method;
    nlohmann::json params = nlohmann::json::object(); // always an object
};

/// A request of a batch that is none, to be answered in its place.
struct BadRequest {
    nlohmann::json id; // null if it could not be told
    ProtocolError error;
};

using Entry = std::variant<Request, BadRequest>;

struct Incoming {
    bool is_batch{};
    std::vector<Entry> entries; // at most one unless is_batch
};

/// Reads a line from a client. Throws ProtocolError if the line as a whole is to be answered with
/// an error and a null id.
Incoming read_line(std::string_view line);

nlohmann::json make_reply(const nlohmann::json& id, nlohmann::json result);
nlohmann::json make_error_reply(const nlohmann::json& id, const Error& error);
/// `object`: as to_error_object() has it.
nlohmann::json make_error_reply(const nlohmann::json& id, nlohmann::json object);
nlohmann::json make_notification(std::string_view method, nlohmann::json params);

} // namespace pvh::rpc
