// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/build_job.h"

#include "libdomain/build/build_domain.h"
#include "libdomain/build/prepared.h"
#include "libdomain/core/error.h"
#include "libdomain/core/file.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "rpc/unix_address.h"

#include <concepts>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

/// Runs one stage: its time goes into the timeline, its name into what it throws.
template <std::invocable F> auto stage(Timeline& timeline, std::string_view name, F&& work) {
    try {
        auto result = std::forward<F>(work)();
        timeline.mark(name);
        return result;
    } catch (Error& e) {
        if (e.stage().empty()) e.at_stage(name);
        throw;
    }
}

std::shared_ptr<const Bytes> read_ramdisk(const std::string& path, std::uint64_t cap) {
    if (path.empty()) return nullptr;
    return std::make_shared<const Bytes>(read_regular_file(path, cap, "ramdisk"));
}

/// Of a restart that comes to nothing, in whose file the domain stood already.
void note_restart(const StateDir& states, const BuildOrder& order, const Domain& domain) noexcept {
    try {
        states.save({.phase = Phase::restarting, .spec = order.spec, .domid = domain.id});
    } catch (const std::exception& e) { // a pvhd that dies before the next attempt forgets it
        log::error("{} uuid={}: {}", domain.id, to_string(domain.uuid), e.what());
    }
}

/// The last stages: it is on record, then it runs. A pvhd that dies in between leaves a domain that
/// the next one finds and lets run.
void begin_life(WorkerContext& context, const StateDir& states, const BuildOrder& order,
                const Domain& domain, Timeline& timeline) {
    timeline.tell(nullptr); // once the file says that it is there, nobody can want it not to be
    states.save({.phase = Phase::complete,
                 .spec = order.spec,
                 .domid = domain.id,
                 .is_to_run = !order.stays_paused});
    timeline.mark("record");
    if (order.stays_paused) return;
    try {
        require_alive(context.hypervisor, domain);
        context.hypervisor.unpause(domain.id);
    } catch (Error& e) {
        e.at_stage("unpause");
        if (order.afterlife == Afterlife::restart) note_restart(states, order, domain);
        throw;
    }
    timeline.mark("unpause");
}

/// For the unwinding after a failure, where a second one can only be logged.
void undo_build(WorkerContext& context, const Domain& domain) noexcept {
    try {
        destroy_domain(context.hypervisor, context.store, context.devices, domain);
    } catch (const std::exception& e) {
        log::error("undo the build of {} uuid={}: {}", domain.id, to_string(domain.uuid), e.what());
    }
}

/// Before a restart is tried: another toolstack may have made the domain meanwhile, from the same
/// config, or an earlier attempt may have left something.
void clear_the_way(WorkerContext& context, const Uuid& uuid) {
    for (const xen::DomainInfo& info : context.hypervisor.list_domains()) {
        if (info.handle != uuid || info.is_dying) continue;
        if (!info.is_paused || info.cpu_time_ns != 0)
            throw Error{Errc::already_exists,
                        fmt::format("UUID {} is that of {}, which another toolstack made meanwhile",
                                    to_string(uuid), info.id)};
        destroy_for_good(context, {info.id, info.handle});
    }
}

std::optional<FileIdentity> ramdisk_identity(const DomainSpec& spec) {
    if (spec.ramdisk.empty()) return std::nullopt;
    return identify_file(spec.ramdisk, "ramdisk");
}

boot::BuildPlan plan_with(const BuildOrder& order, image::ImageCache::Image kernel,
                          std::shared_ptr<const Bytes> ramdisk) {
    boot::BuildPlan plan =
        boot::plan_build(order.spec, std::move(kernel), std::move(ramdisk), *order.host_facts);
    plan.is_console_ours = rpc::is_served(order.console_socket);
    return plan;
}

/// Nothing: it is not what is wanted any more, or somebody has destroyed or started it.
std::optional<boot::BuildPlan> plan_of_prepared(WorkerContext& context, const BuildOrder& order,
                                                const Prepared& prepared) {
    const auto info = context.hypervisor.domain_info(prepared.domain.id);
    if (!info || info->handle != prepared.domain.uuid || !is_untouched(*info)) return std::nullopt;
    if (ramdisk_identity(order.spec) != prepared.ramdisk) return std::nullopt;
    boot::BuildPlan plan = boot::plan_build(order.spec, order.images->get(order.spec.kernel),
                                            prepared.plan->ramdisk, *order.host_facts);
    // What pvhconsoled serves it will serve, even if it is away just now.
    plan.is_console_ours = prepared.plan->is_console_ours || rpc::is_served(order.console_socket);
    if (!can_become(*prepared.plan, plan)) return std::nullopt;
    return plan;
}

/// Under the UUID that is wanted. A pvhd that dies here or there finds it by the one or the other.
Domain give_uuid(WorkerContext& context, const StateDir& states, const BuildOrder& order,
                 const Domain& domain) {
    const Uuid wanted = order.spec.uuid.value();
    if (wanted == domain.uuid) return domain;
    states.save({.phase = Phase::building, .spec = order.spec, .domid = std::nullopt});
    context.hypervisor.set_handle(domain.id, wanted);
    states.remove(domain.uuid);
    return {domain.id, wanted};
}

} // namespace

boot::BuildPlan make_plan(const BuildOrder& order, Timeline& timeline) {
    auto kernel = stage(timeline, "kernel", [&] { return order.images->get(order.spec.kernel); });
    auto ramdisk = stage(timeline, "ramdisk",
                         [&] { return read_ramdisk(order.spec.ramdisk, order.max_ramdisk); });
    return stage(timeline, "plan",
                 [&] { return plan_with(order, std::move(kernel), std::move(ramdisk)); });
}

BuildOutcome build_and_run(WorkerContext& context, const StateDir& states,
                           const BuildOrder& order) {
    Timeline timeline = order.timeline;
    timeline.mark("queue");
    const boot::BuildPlan plan = make_plan(order, timeline);

    const bool is_new = order.afterlife == Afterlife::none;
    if (!is_new) clear_the_way(context, order.spec.uuid.value());
    ScopeExit forget{[&] {
        if (is_new) states.remove(order.spec.uuid.value());
    }};
    if (is_new) states.save({.phase = Phase::building, .spec = order.spec, .domid = std::nullopt});
    timeline.mark("intent");

    const Domain domain =
        build_domain(context.hypervisor, context.store, context.devices, plan, timeline);
    ScopeExit undo{[&] { undo_build(context, domain); }};
    begin_life(context, states, order, domain, timeline);
    undo.dismiss();
    forget.dismiss();
    return {domain, std::move(timeline)};
}

Prepared prepare(WorkerContext& context, const StateDir& states, const BuildOrder& order,
                 const std::shared_ptr<const boot::BuildPlan>& like,
                 const std::optional<FileIdentity>& like_ramdisk) {
    Timeline timeline;
    const auto identity = ramdisk_identity(order.spec);
    const bool is_known = like != nullptr && identity == like_ramdisk;
    auto ramdisk = is_known ? like->ramdisk : read_ramdisk(order.spec.ramdisk, order.max_ramdisk);
    const auto plan = std::make_shared<const boot::BuildPlan>(
        plan_with(order, order.images->get(order.spec.kernel), std::move(ramdisk)));
    ScopeExit forget{[&] { states.remove(order.spec.uuid.value()); }};
    states.save({.phase = Phase::building, .spec = order.spec, .domid = std::nullopt});
    const Domain domain =
        build_domain(context.hypervisor, context.store, context.devices, *plan, timeline);
    forget.dismiss();
    return {.domain = domain, .plan = plan, .ramdisk = identity};
}

BuildOutcome finish_and_run(WorkerContext& context, const StateDir& states, const BuildOrder& order,
                            const Prepared& prepared) {
    Domain domain = prepared.domain;
    ScopeExit forget{[&] {
        states.remove(prepared.domain.uuid);
        states.remove(order.spec.uuid.value());
    }};
    ScopeExit undo{[&] { undo_build(context, domain); }};
    BuildOrder rest = order;
    rest.timeline.mark("queue");
    const auto plan = plan_of_prepared(context, order, prepared);
    if (!plan) {
        destroy_for_good(context, domain);
        undo.dismiss();
        if (domain.uuid != order.spec.uuid) states.remove(domain.uuid);
        BuildOutcome outcome = build_and_run(context, states, rest);
        forget.dismiss();
        return outcome;
    }
    Timeline timeline = rest.timeline;
    timeline.mark("plan");
    domain = give_uuid(context, states, order, domain);
    timeline.mark("intent");
    finish_prepared(context.hypervisor, context.store, context.devices, domain,
                    prepared.domain.uuid, *plan, timeline);
    begin_life(context, states, order, domain, timeline);
    undo.dismiss();
    forget.dismiss();
    return {domain, std::move(timeline)};
}

void destroy_for_good(WorkerContext& context, const Domain& domain) {
    try {
        destroy_domain(context.hypervisor, context.store, context.devices, domain);
    } catch (const Error& e) {
        const auto info = context.hypervisor.domain_info(domain.id);
        if (info && info->handle == domain.uuid && !info->is_dying) throw;
        log::error("{} uuid={} is gone, but not all that was kept for it: {}", domain.id,
                   to_string(domain.uuid), e.what());
    }
}

} // namespace pvh::daemon
