// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/jsonrpc.h"

#include "libdomain/core/nearest.h"
#include "rpc/error_object.h"
#include "rpc/limits.h"
#include "rpc/parse.h"
#include "rpc/shortened.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace pvh::rpc {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> kMembers{"jsonrpc", "id", "method", "params"};

ProtocolError invalid(std::string what) {
    return ProtocolError{kInvalidRequest, std::move(what)};
}

bool is_valid_id(const json& id) {
    return id.is_string() || id.is_number_integer() || id.is_null();
}

/// The id for an error reply: null unless there is one that can be echoed.
json id_to_answer(const json& value) {
    if (!value.is_object()) return nullptr;
    const auto id = value.find("id");
    return id != value.end() && is_valid_id(*id) ? *id : json(nullptr);
}

void check_members(const json& value) {
    for (const auto& [name, member] : value.items()) {
        if (std::find(kMembers.begin(), kMembers.end(), name) != kMembers.end()) continue;
        const auto nearest = nearest_of(name, kMembers);
        throw invalid(fmt::format("a request has no member \"{}\"{}", shortened(name),
                                  nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : ""));
    }
}

json read_params(const json& value) {
    const auto params = value.find("params");
    if (params == value.end()) return json::object();
    if (params->is_array())
        throw InvalidParams{"parameters are taken by name: params must be an object, not an array"};
    if (!params->is_object()) throw invalid("params must be an object");
    return *params;
}

Request read_request(const json& value) {
    if (!value.is_object()) throw invalid("a request must be an object");
    check_members(value);
    const auto version = value.find("jsonrpc");
    if (version == value.end() || *version != "2.0")
        throw invalid(R"(a request must have "jsonrpc": "2.0")");
    const auto method = value.find("method");
    if (method == value.end() || !method->is_string()) throw invalid("method must be a string");
    const auto id = value.find("id");
    if (id != value.end() && !is_valid_id(*id)) throw invalid("id must be a string or an integer");
    return {.id = id == value.end() ? std::nullopt : std::optional<json>{*id},
            .method = method->get<std::string>(),
            .params = read_params(value)};
}

/// Nothing for a notification with parameters that cannot be taken: it is a request all the same,
/// and not to be answered.
std::optional<Entry> read_entry(const json& value) {
    try {
        return read_request(value);
    } catch (const InvalidParams& e) {
        if (!value.contains("id")) return std::nullopt;
        return BadRequest{id_to_answer(value), e};
    } catch (const ProtocolError& e) {
        return BadRequest{id_to_answer(value), e};
    }
}

} // namespace

Incoming read_line(std::string_view line) {
    const json value = parse_untrusted(line);
    Incoming incoming{.is_batch = value.is_array(), .entries = {}};
    const auto take = [&](const json& request) {
        if (auto entry = read_entry(request)) incoming.entries.push_back(*std::move(entry));
    };
    if (!incoming.is_batch) {
        take(value);
        return incoming;
    }
    if (value.empty()) throw invalid("a batch must not be empty");
    if (value.size() > kMaxBatch)
        throw invalid(fmt::format("the batch has {} requests, at most {} are accepted",
                                  value.size(), kMaxBatch));
    for (const json& element : value)
        take(element);
    return incoming;
}

json make_reply(const json& id, json result) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

json make_error_reply(const json& id, const Error& error) {
    return make_error_reply(id, to_error_object(error));
}

json make_error_reply(const json& id, json object) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(object)}};
}

json make_notification(std::string_view method, json params) {
    return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}

} // namespace pvh::rpc
