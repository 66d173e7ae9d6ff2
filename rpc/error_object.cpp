// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/error_object.h"

#include "rpc/protocol_error.h"

#include <algorithm>
#include <array>
#include <string>

namespace pvh::rpc {

namespace {

struct Row {
    Errc code;
    int rpc_code;
};

// Numbers are never reused or moved: clients of other languages switch on them.
constexpr std::array<Row, kErrcs> kCodes{{
    {Errc::not_found, -32001},
    {Errc::already_exists, -32002},
    {Errc::bad_state, -32003},
    {Errc::busy, -32004},
    {Errc::no_memory, -32005},
    {Errc::invalid_config, -32006},
    {Errc::invalid_kernel, -32007},
    {Errc::unsupported, -32008},
    {Errc::permission_denied, -32009},
    {Errc::timeout, -32010},
    {Errc::cancelled, -32011},
    {Errc::xen_error, -32012},
    {Errc::xenstore_error, -32013},
    {Errc::conflict, -32014},
    {Errc::internal, -32015},
    {Errc::events_lost, -32016},
    {Errc::device_failed, -32017},
}};

nlohmann::json data_of(const Error& error) {
    nlohmann::json data{{"code", to_string(error.code())},
                        {"retryable", is_retryable(error.code())}};
    if (!error.stage().empty()) data["stage"] = error.stage();
    if (error.sys_errno() != 0) data["errno"] = error.sys_errno();
    if (!error.hint().empty()) data["hint"] = error.hint();
    return data;
}

std::string text_member(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

Errc code_of(const nlohmann::json& object, const nlohmann::json& data) {
    if (const auto named = parse_errc(text_member(data, "code"))) return *named;
    const auto number = object.find("code");
    if (number == object.end() || !number->is_number_integer()) return Errc::internal;
    const int rpc_code = number->get<int>();
    return errc_of_rpc_code(rpc_code).value_or(errc_of_reserved(rpc_code));
}

} // namespace

int rpc_code_of(Errc code) {
    const auto* found = std::find_if(kCodes.begin(), kCodes.end(),
                                     [&](const Row& row) { return row.code == code; });
    return found == kCodes.end() ? rpc_code_of(Errc::internal) : found->rpc_code;
}

std::optional<Errc> errc_of_rpc_code(int rpc_code) {
    const auto* found = std::find_if(kCodes.begin(), kCodes.end(),
                                     [&](const Row& row) { return row.rpc_code == rpc_code; });
    if (found == kCodes.end()) return std::nullopt;
    return found->code;
}

std::optional<Errc> parse_errc(std::string_view word) {
    const auto* found = std::find_if(kCodes.begin(), kCodes.end(),
                                     [&](const Row& row) { return to_string(row.code) == word; });
    if (found == kCodes.end()) return std::nullopt;
    return found->code;
}

bool is_retryable(Errc code) {
    return code == Errc::busy || code == Errc::timeout || code == Errc::conflict;
}

nlohmann::json to_error_object(const Error& error) {
    const auto* protocol = dynamic_cast<const ProtocolError*>(&error);
    const int code = protocol != nullptr ? protocol->rpc_code() : rpc_code_of(error.code());
    return {{"code", code}, {"message", error.what()}, {"data", data_of(error)}};
}

Error from_error_object(const nlohmann::json& object) {
    if (!object.is_object())
        return Error{Errc::internal, "pvhd answered with an error that is no object"};
    const auto found = object.find("data");
    const nlohmann::json data =
        found != object.end() && found->is_object() ? *found : nlohmann::json::object();
    std::string message = text_member(object, "message");
    if (message.empty()) message = "pvhd gave no reason";
    Error error{code_of(object, data), std::move(message)};
    error.with_hint(text_member(data, "hint")).at_stage(text_member(data, "stage"));
    return error;
}

} // namespace pvh::rpc
