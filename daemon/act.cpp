// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.pause, .unpause, .shutdown, .reboot, .destroy: one operation on one domain, ours or not.
#include "daemon/act.h"

#include "daemon/birth.h"
#include "daemon/host_watcher.h"
#include "daemon/select.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/domain.h"

#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

Task<Record> act(Call call, rpc::Selector selector, Op op,
                 std::function<QuickJob(Domain)> make_job) {
    Toolstack& toolstack = call.toolstack;
    const Record record = co_await find_guest(toolstack, std::move(selector));
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, op, call.peer->describe());
    QuickJob job = make_job(record.domain);
    co_await run_on_domain(toolstack, std::move(job));
    co_return record;
}

void keep_spec(Toolstack& toolstack, const Domain& domain, DomainSpec spec) {
    toolstack.states.save({.phase = Phase::complete, .spec = spec, .domid = domain.id});
    toolstack.registry.set_spec(domain.id, std::move(spec));
}

namespace verbs {

namespace {

// Xen counts pauses; here a domain is paused or it is not, and asking for what is already so is no
// error.

QuickJob pause_job(Domain domain) {
    return [domain](WorkerContext& context) {
        if (require_alive(context.hypervisor, domain).is_paused) return;
        context.hypervisor.pause(domain.id);
    };
}

QuickJob unpause_job(Domain domain) {
    return [domain](WorkerContext& context) {
        if (!require_alive(context.hypervisor, domain).is_paused) return;
        context.hypervisor.unpause(domain.id);
    };
}

QuickJob request_job(Domain domain, GuestRequest request) {
    return [domain, request](WorkerContext& context) {
        request_shutdown(context.hypervisor, context.store, domain, request);
    };
}

QuickJob force_job(Domain domain, ShutdownReason reason) {
    return [domain, reason](WorkerContext& context) {
        require_alive(context.hypervisor, domain);
        context.hypervisor.remote_shutdown(domain.id, reason);
    };
}

/// What is left of a restarted domain shares its UUID, and what is kept under it, with the one that
/// runs now.
void refuse_former_life(const Registry& registry, const Record& record) {
    const Record* living = registry.find(record.domain.uuid);
    if (!record.is_dying || living == nullptr || living->domain == record.domain) return;
    throw Error{Errc::bad_state,
                fmt::format("{} is a former life of \"{}\", which is {} now, and is dying already",
                            record.domain.id, living->name, living->domain.id)}
        .with_hint("Xen lets it go when the last mapping of its memory is gone");
}

Task<rpc::Identity> stop(Call call, rpc::ShutdownParams params, GuestRequest request) {
    const bool is_reboot = request == GuestRequest::reboot;
    const auto reason = is_reboot ? ShutdownReason::reboot : ShutdownReason::poweroff;
    const bool is_forced = params.force;
    std::function<QuickJob(Domain)> make_job = [=](Domain domain) {
        return is_forced ? force_job(domain, reason) : request_job(domain, request);
    };
    const Record record = co_await act(call, std::move(params.domain),
                                       is_reboot ? Op::reboot : Op::shutdown, std::move(make_job));
    co_return identity_of(record);
}

} // namespace

Task<rpc::Identity> pause(Call call, rpc::Selector selector) {
    std::function<QuickJob(Domain)> make_job = pause_job;
    const Record record = co_await act(call, std::move(selector), Op::pause, std::move(make_job));
    call.toolstack.registry.set_paused(record.domain.id, true);
    co_return identity_of(record);
}

Task<rpc::Identity> unpause(Call call, rpc::Selector selector) {
    std::function<QuickJob(Domain)> make_job = unpause_job;
    const Record record = co_await act(call, std::move(selector), Op::unpause, std::move(make_job));
    call.toolstack.registry.set_paused(record.domain.id, false);
    co_return identity_of(record);
}

Task<rpc::Identity> shutdown(Call call, rpc::ShutdownParams params) {
    return stop(std::move(call), std::move(params), GuestRequest::poweroff);
}

Task<rpc::Identity> reboot(Call call, rpc::ShutdownParams params) {
    return stop(std::move(call), std::move(params), GuestRequest::reboot);
}

/// dom0 as well: it obeys the same nodes.   [Linux drivers/xen/cpu_hotplug.c]
Task<rpc::Identity> set_vcpus(Call call, rpc::SetVcpusParams params) {
    Toolstack& toolstack = call.toolstack;
    const Record record = co_await find_domain(toolstack, std::move(params.domain));
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::set_vcpus, call.peer->describe());
    QuickJob job = [domain = record.domain, count = params.vcpus](WorkerContext& context) {
        request_vcpus(context.hypervisor, context.store, domain, count);
    };
    co_await run_on_domain(toolstack, std::move(job));
    co_return identity_of(record);
}

Task<rpc::Identity> destroy(Call call, rpc::Selector selector) {
    Toolstack& toolstack = call.toolstack;
    if (call.once && call.once->earlier()) { // whoever has that name now is another one
        const rpc::Identity meant = *call.once->earlier();
        if (toolstack.registry.find(meant.uuid) == nullptr &&
            toolstack.registry.operation_on(meant.uuid) == nullptr)
            co_return meant;
        selector = {meant.uuid, {}, {}};
    }
    if (const auto handled = co_await await_policy(toolstack, selector)) {
        co_await toolstack.watcher->rescan(); // another toolstack may have made it anew
        if (toolstack.registry.find(handled->uuid) == nullptr) co_return *handled;
        selector = {handled->uuid, {}, {}};
    }
    const Record record = co_await find_guest(toolstack, std::move(selector));
    refuse_former_life(toolstack.registry, record);
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::destroy, call.peer->describe());
    if (call.once) call.once->begin(identity_of(record));
    co_await end_domain(toolstack, record.domain);
    ++toolstack.counters.destroys_by_clients;
    toolstack.watcher->request_rescan(); // it may linger as a zombie, and then is to be seen
    log::info("{} \"{}\" uuid={} destroyed", record.domain.id, printable(record.name),
              to_string(record.domain.uuid));
    co_return identity_of(record);
}

} // namespace verbs

} // namespace pvh::daemon
