// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/dispatch.h"

#include "daemon/job_status.h"
#include "daemon/spawn.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/core/version.h"
#include "rpc/envelope.h"
#include "rpc/error_object.h"
#include "rpc/messages_json.h"
#include "rpc/methods.h"

#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <memory>
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
    static const json document = rpc::describe_api(kVersion); // costly, and always the same
    co_return document;
}

struct Row {
    std::string_view method;
    Task<json> (*handle)(Call, json);
};

constexpr std::array<Row, 47> kRows{{
    {"cpupool.create", Adapt<verbs::create_cpu_pool>::run},
    {"cpupool.destroy", Adapt<verbs::destroy_cpu_pool>::run},
    {"cpupool.list", Adapt<verbs::list_cpu_pools>::run},
    {"cpupool.update", Adapt<verbs::update_cpu_pool>::run},
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
    {"domain.pin_vcpu", Adapt<verbs::pin_vcpu>::run},
    {"domain.plan", Adapt<verbs::plan>::run},
    {"domain.reboot", Adapt<verbs::reboot>::run},
    {"domain.rename", Adapt<verbs::rename>::run},
    {"domain.scheduling", Adapt<verbs::scheduling>::run},
    {"domain.set_config", Adapt<verbs::set_config>::run},
    {"domain.set_cpupool", Adapt<verbs::set_cpu_pool>::run},
    {"domain.set_memory", Adapt<verbs::set_memory>::run},
    {"domain.set_scheduling", Adapt<verbs::set_scheduling>::run},
    {"domain.set_vcpus", Adapt<verbs::set_vcpus>::run},
    {"domain.shutdown", Adapt<verbs::shutdown>::run},
    {"domain.sysrq", Adapt<verbs::sysrq>::run},
    {"domain.trigger", Adapt<verbs::trigger>::run},
    {"domain.unpause", Adapt<verbs::unpause>::run},
    {"domain.uptime", Adapt<verbs::uptime>::run},
    {"domain.usage", Adapt<verbs::usage>::run},
    {"domain.vcpu_state", Adapt<verbs::vcpu_state>::run},
    {"domain.vcpus", Adapt<verbs::vcpus>::run},
    {"domain.wait", Adapt<verbs::wait>::run},
    {"events.list", Adapt<verbs::events>::run},
    {"events.subscribe", Adapt<verbs::subscribe>::run},
    {"job.cancel", Adapt<verbs::cancel_job>::run},
    {"job.get", Adapt<verbs::get_job>::run},
    {"job.list", Adapt<verbs::list_jobs>::run},
    {"job.wait", Adapt<verbs::wait_for_job>::run},
    {"metrics.get", Adapt<verbs::metrics>::run},
    {"rpc.discover", discover},
    {"system.debug_keys", Adapt<verbs::debug_keys>::run},
    {"system.dmesg", Adapt<verbs::dmesg>::run},
    {"system.doctor", Adapt<verbs::doctor>::run},
    {"system.info", Adapt<verbs::info>::run},
    {"system.ping", Adapt<verbs::ping>::run},
    {"system.topology", Adapt<verbs::topology>::run},
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

/// Throws unless it may be carried out now, for this client.
void check_call(const Call& call, const rpc::Method& method) {
    check_role(method, *call.peer);
    if (call.toolstack.is_stopping)
        throw Error{Errc::cancelled, "pvhd is stopping"}.with_hint("try again when it is back");
}

Task<json> call_method(Call call, const rpc::Method& method, json params) {
    check_call(call, method);
    const Row* row = find_row(method.name);
    if (row == nullptr)
        throw Error{Errc::internal,
                    fmt::format("{} has no handler", method.name)}; // a test forbids it
    return row->handle(std::move(call), std::move(params));
}

/// Which domain a call was about, from its answer or else from what was asked.
std::string subject_of(const json& params, const json& result) {
    for (const json* source : {&result, &params})
        for (const char* key : {"name", "uuid", "domid", "config_name", "job", "pool"})
            if (const auto found = source->find(key); found != source->end())
                return fmt::format(
                    "{}=\"{}\"", key,
                    printable(found->is_string() ? found->get<std::string>() : found->dump()));
    return "domain=?";
}

/// Only the code of a failure: its text may quote a config.
void audit(Toolstack& toolstack, const rpc::Method& method, const Peer& peer,
           const std::string& subject, std::string_view outcome) {
    const bool is_refusal = outcome == to_string(Errc::permission_denied);
    if (is_refusal && !toolstack.refusals.allows(Clock::now())) return;
    log::info("audit {} method={} {} result={}", peer.describe(), method.name, subject, outcome);
}

/// A step before the work that leaves an audit line of its own.
template <class Step>
auto or_audit(Toolstack& toolstack, const rpc::Method& method, const Peer& peer,
              const std::string& subject, Step step) {
    try {
        return step();
    } catch (const Error& e) {
        audit(toolstack, method, peer, subject, to_string(e.code()));
        throw;
    }
}

/// A request of this name that is under way is waited for. Throws conflict if the name was given to
/// another request.
Task<std::optional<RequestLog::Entry>> find_earlier(Call call, RequestLog::Key key,
                                                    std::string digest) {
    Toolstack& toolstack = call.toolstack;
    const auto* earlier = toolstack.requests.find(key);
    while (earlier != nullptr && earlier->digest == digest && earlier->is_under_way) {
        const bool is_forsaken = !call.peer->is_connected && call.progress == nullptr;
        if (toolstack.is_stopping || is_forsaken)
            throw Error{Errc::cancelled, "the first request of that name is still under way"};
        co_await toolstack.changed.wait();
        earlier = toolstack.requests.find(key);
    }
    if (earlier == nullptr) co_return std::nullopt;
    if (earlier->digest != digest)
        throw Error{Errc::conflict, "this request_id was that of another request"}.with_hint(
            "draw a new one for each request that is not the same once more");
    co_return *earlier;
}

/// Does once what may be asked for several times.
Task<json> call_once(Call call, const rpc::Method& method, json params, std::string request_id) {
    Toolstack& toolstack = call.toolstack;
    RequestLog::Key key{.uid = call.peer->uid, .id = std::move(request_id)};
    const std::string digest = RequestLog::digest_of(method.name, params);
    const auto earlier = co_await find_earlier(call, key, digest);
    if (earlier && earlier->result) co_return *earlier->result;
    call.once = std::make_shared<Once>(earlier ? earlier->subject : std::nullopt,
                                       [&toolstack, key](const rpc::Identity& subject) {
                                           toolstack.requests.note_subject(key, subject);
                                       });
    toolstack.requests.begin(key, digest);
    ScopeExit fail{[&] {
        toolstack.requests.fail(key);
        toolstack.changed.notify();
    }};
    json result = co_await call_method(std::move(call), method, std::move(params));
    fail.dismiss();
    toolstack.requests.succeed(key, result);
    toolstack.changed.notify();
    co_return result;
}

/// Of a method that changes something: leaves the audit line.
Task<json> carry_out(Call call, const rpc::Method& method, json params, std::string request_id) {
    const std::shared_ptr<const Peer> peer = call.peer;
    const std::shared_ptr<const std::string> subject = call.subject;
    Toolstack& toolstack = call.toolstack;
    try {
        check_call(call, method);
        json result;
        if (request_id.empty())
            result = co_await call_method(std::move(call), method, params);
        else
            result = co_await call_once(std::move(call), method, params, std::move(request_id));
        audit(toolstack, method, *peer, subject_of(params, result), "ok");
        co_return result;
    } catch (const Error& e) {
        audit(toolstack, method, *peer, *subject, to_string(e.code()));
        throw;
    } catch (const std::exception&) { // what no request should cause
        audit(toolstack, method, *peer, *subject, to_string(Errc::internal));
        throw;
    }
}

/// What no request should cause: ours to look at, nobody else's to read.
Error unexpected(std::string_view method, const std::exception& e) {
    log::error("{}: {}", printable(method), e.what());
    return Error{Errc::internal, "pvhd met a fault of its own"}.with_hint("its log has more");
}

/// What a request came to.
struct Outcome {
    std::optional<json> result;
    json error; // an error object, if there is no result
    Errc code{};
};

Outcome failed(const Error& error) {
    return {.result = {}, .error = rpc::to_error_object(error), .code = error.code()};
}

void count(Counters& counters, const Outcome& outcome) {
    ++counters.requests;
    if (!outcome.result) counters.count_error(outcome.code);
}

Task<Outcome> outcome_of(std::string method, Task<json> work) {
    try {
        json result = co_await std::move(work);
        co_return Outcome{.result = std::move(result), .error = {}};
    } catch (const Error& e) {
        co_return failed(e);
    } catch (const std::bad_alloc&) {
        co_return failed(
            Error{Errc::no_memory, "pvhd could not get enough of dom0's memory for this"});
    } catch (const std::exception& e) {
        co_return failed(unexpected(method, e));
    }
}

Task<void> run_job(Toolstack& toolstack, std::shared_ptr<Job> job, std::weak_ptr<Outlet> outlet,
                   Task<json> work) {
    const RunningMark mark{toolstack};
    // The answer that names the job is to leave first.
    co_await asio::post(toolstack.loop, asio::use_awaitable);
    Outcome outcome = co_await outcome_of(std::string{job->method}, std::move(work));
    if (!outcome.result) toolstack.counters.count_error(outcome.code);
    job->is_cancelled = outcome.code == Errc::cancelled;
    if (outcome.result)
        job->result = std::move(outcome.result);
    else
        job->error = std::move(outcome.error);
    toolstack.jobs.end(job);
    if (const auto client = outlet.lock()) tell_progress(*job, job->progress->sight(), *client);
    toolstack.changed.notify();
}

/// Answers at once; the client hears of each stage for as long as it stays.
json begin_job(Call call, const rpc::Method& method, json params, std::string request_id) {
    Toolstack& toolstack = call.toolstack;
    const auto job = or_audit(toolstack, method, *call.peer, *call.subject, [&] {
        check_call(call, method);
        return toolstack.jobs.begin(method.name, call.peer->describe(), call.subject);
    });
    const std::weak_ptr<Outlet> outlet = call.outlet; // a job does not keep its client's connection
    Progress::Listener on_stage = [&toolstack, job = std::weak_ptr{job},
                                   outlet](const Progress::Sight& sight) {
        // Not post: what the loop thread posts waits for the end of its handler, and stages that a
        // worker reaches meanwhile would be told before.
        asio::dispatch(toolstack.loop, [job, outlet, sight] {
            const auto under_way = job.lock();
            if (const auto client = outlet.lock(); client && under_way)
                tell_progress(*under_way, sight, *client);
        });
    };
    job->progress = std::make_shared<Progress>(std::move(on_stage));
    call.progress = job->progress;
    call.outlet.reset();
    spawn(toolstack.loop, "job",
          run_job(toolstack, job, outlet,
                  carry_out(std::move(call), method, std::move(params), std::move(request_id))));
    return rpc::JobBegun{job->id};
}

Task<json> answer(Call call, rpc::Request request) {
    const rpc::Method& method = rpc::require_method(request.method);
    if (!method.is_mutating)
        co_return co_await call_method(std::move(call), method, std::move(request.params));
    call.subject = std::make_shared<std::string>(subject_of(request.params, json::object()));
    rpc::Envelope envelope = or_audit(call.toolstack, method, *call.peer, *call.subject,
                                      [&] { return rpc::take_envelope(request.params); });
    if (envelope.mode == rpc::CallMode::job)
        co_return begin_job(std::move(call), method, std::move(request.params),
                            std::move(envelope.request_id));
    co_return co_await carry_out(std::move(call), method, std::move(request.params),
                                 std::move(envelope.request_id));
}

Task<std::optional<json>> dispatch_request(Call call, rpc::Request request) {
    const std::optional<json> id = request.id;
    std::string method = request.method;
    Counters& counters = call.toolstack.counters;
    Task<json> work = answer(std::move(call), std::move(request));
    Outcome outcome = co_await outcome_of(std::move(method), std::move(work));
    count(counters, outcome);
    if (!id) co_return std::nullopt;
    co_return outcome.result ? rpc::make_reply(*id, *std::move(outcome.result))
                             : rpc::make_error_reply(*id, std::move(outcome.error));
}

Task<std::optional<json>> refuse(rpc::BadRequest bad) {
    co_return rpc::make_error_reply(bad.id, bad.error);
}

} // namespace

Task<std::optional<json>> dispatch(Call call, rpc::Entry entry) {
    if (auto* bad = std::get_if<rpc::BadRequest>(&entry)) {
        ++call.toolstack.counters.requests;
        call.toolstack.counters.count_error(bad->error.code());
        return refuse(std::move(*bad));
    }
    return dispatch_request(std::move(call), std::get<rpc::Request>(std::move(entry)));
}

bool has_handler(std::string_view method) {
    return find_row(method) != nullptr;
}

} // namespace pvh::daemon
