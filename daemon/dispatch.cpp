// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/dispatch.h"

#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/version.h"
#include "rpc/messages_json.h"
#include "rpc/methods.h"

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

using nlohmann::json;

/// A verb with its JSON on.
template <auto verb> struct Adapt;

template <class Params, class Result, Task<Result> (*verb)(Call, Params)> struct Adapt<verb> {
    static Task<json> run(Call call, json params) {
        Params typed = params.get<Params>();
        const Result result = co_await verb(std::move(call), std::move(typed));
        co_return json(result);
    }
};

Task<json> discover(Call /*call*/, json params) {
    [[maybe_unused]] const auto none = params.get<rpc::NoParams>();
    co_return rpc::describe_api(kVersion);
}

struct Row {
    std::string_view method;
    Task<json> (*handle)(Call, json);
};

constexpr std::array<Row, 23> kRows{{
    {"device.attach", Adapt<verbs::attach>::run},
    {"device.detach", Adapt<verbs::detach>::run},
    {"device.list", Adapt<verbs::devices>::run},
    {"domain.console", Adapt<verbs::console>::run},
    {"domain.create", Adapt<verbs::create>::run},
    {"domain.destroy", Adapt<verbs::destroy>::run},
    {"domain.dump_core", Adapt<verbs::dump_core>::run},
    {"domain.get", Adapt<verbs::get>::run},
    {"domain.list", Adapt<verbs::list>::run},
    {"domain.pause", Adapt<verbs::pause>::run},
    {"domain.plan", Adapt<verbs::plan>::run},
    {"domain.reboot", Adapt<verbs::reboot>::run},
    {"domain.set_vcpus", Adapt<verbs::set_vcpus>::run},
    {"domain.shutdown", Adapt<verbs::shutdown>::run},
    {"domain.unpause", Adapt<verbs::unpause>::run},
    {"domain.vcpu_state", Adapt<verbs::vcpu_state>::run},
    {"domain.vcpus", Adapt<verbs::vcpus>::run},
    {"domain.wait", Adapt<verbs::wait>::run},
    {"events.list", Adapt<verbs::events>::run},
    {"events.subscribe", Adapt<verbs::subscribe>::run},
    {"rpc.discover", discover},
    {"system.info", Adapt<verbs::info>::run},
    {"system.ping", Adapt<verbs::ping>::run},
}};

const Row* find_row(std::string_view method) {
    const auto* found = std::find_if(kRows.begin(), kRows.end(),
                                     [&](const Row& row) { return row.method == method; });
    return found == kRows.end() ? nullptr : found;
}

void check_role(const rpc::Method& method, const Peer& peer) {
    if (peer.role >= method.role) return;
    throw Error{Errc::permission_denied,
                fmt::format("{} needs the role {}, you have {}", method.name,
                            to_string(method.role), to_string(peer.role))};
}

Task<json> call_method(Call call, const rpc::Method& method, json params) {
    check_role(method, *call.peer);
    if (call.toolstack.is_stopping)
        throw Error{Errc::cancelled, "pvhd is stopping"}.with_hint("try again when it is back");
    const Row* row = find_row(method.name);
    if (row == nullptr)
        throw Error{Errc::internal,
                    fmt::format("{} has no handler", method.name)}; // a test forbids it
    return row->handle(std::move(call), std::move(params));
}

/// Which domain a call was about, from its answer or else from what was asked.
std::string subject_of(const json& params, const json& result) {
    for (const json* source : {&result, &params})
        for (const char* key : {"name", "uuid", "domid", "config_name"})
            if (const auto found = source->find(key); found != source->end())
                return fmt::format(
                    "{}=\"{}\"", key,
                    printable(found->is_string() ? found->get<std::string>() : found->dump()));
    return "domain=?";
}

/// Only the code of a failure: its text may quote a config.
void audit(const rpc::Method& method, const Peer& peer, const std::string& subject,
           std::string_view outcome) {
    if (!method.is_mutating) return;
    log::info("audit {} method={} {} result={}", peer.describe(), method.name, subject, outcome);
}

Task<json> answer(Call call, rpc::Request request) {
    const rpc::Method& method = rpc::require_method(request.method);
    const std::string asked = subject_of(request.params, json::object());
    const std::shared_ptr<const Peer> peer = call.peer;
    try {
        json result = co_await call_method(std::move(call), method, request.params);
        audit(method, *peer, subject_of(request.params, result), "ok");
        co_return result;
    } catch (const Error& e) {
        audit(method, *peer, asked, to_string(e.code()));
        throw;
    }
}

/// What no request should cause: ours to look at, nobody else's to read.
Error unexpected(const std::string& method, const std::exception& e) {
    log::error("{}: {}", printable(method), e.what());
    return Error{Errc::internal, "pvhd met a fault of its own"}.with_hint("its log has more");
}

std::optional<json> reply_if_asked(const std::optional<json>& id, json reply) {
    if (!id) return std::nullopt;
    return reply;
}

Task<std::optional<json>> dispatch_request(Call call, rpc::Request request) {
    const std::optional<json> id = request.id;
    const json echo = id.value_or(json(nullptr));
    const std::string method = request.method;
    try {
        json result = co_await answer(std::move(call), std::move(request));
        co_return reply_if_asked(id, rpc::make_reply(echo, std::move(result)));
    } catch (const Error& e) {
        co_return reply_if_asked(id, rpc::make_error_reply(echo, e));
    } catch (const std::bad_alloc&) {
        const Error error{Errc::no_memory, "pvhd could not get enough of dom0's memory for this"};
        co_return reply_if_asked(id, rpc::make_error_reply(echo, error));
    } catch (const std::exception& e) {
        co_return reply_if_asked(id, rpc::make_error_reply(echo, unexpected(method, e)));
    }
}

Task<std::optional<json>> refuse(rpc::BadRequest bad) {
    co_return rpc::make_error_reply(bad.id, bad.error);
}

} // namespace

Task<std::optional<json>> dispatch(Call call, rpc::Entry entry) {
    if (auto* bad = std::get_if<rpc::BadRequest>(&entry)) return refuse(std::move(*bad));
    return dispatch_request(std::move(call), std::get<rpc::Request>(std::move(entry)));
}

bool has_handler(std::string_view method) {
    return find_row(method) != nullptr;
}

} // namespace pvh::daemon
