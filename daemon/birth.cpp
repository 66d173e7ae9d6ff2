// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/birth.h"

#include "daemon/host_watcher.h"
#include "daemon/pool.h"
#include "daemon/qemu_watch.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"

#include <exception>
#include <functional>
#include <utility>

#include <fmt/ranges.h>

namespace pvh::daemon {

namespace {

void record(Toolstack& toolstack, const Birth& birth, const Domain& domain) {
    toolstack.registry.add({.domain = domain,
                            .name = birth.order.spec.name,
                            .spec = birth.order.spec,
                            .is_paused = true,
                            .since = Clock::now(),
                            .quick_ends = birth.quick_ends});
    if (!birth.order.stays_paused) toolstack.registry.set_paused(domain.id, false);
}

/// Disks and networks of xl's own domains have backends and scripts that only xl takes apart.
void refuse_devices(xen::Store& store, const Domain& domain) {
    const auto kinds = other_devices(store, domain);
    if (kinds.empty()) return;
    throw Error{Errc::unsupported,
                fmt::format("{} was made by another toolstack and has devices of the kinds {}",
                            domain.id, fmt::join(kinds, ", "))}
        .with_hint("end it with the toolstack that made it: xl destroy");
}

void end_foreigner(WorkerContext& context, const Domain& domain) {
    refuse_devices(context.store, domain);
    destroy_domain(context.hypervisor, context.store, context.devices, domain);
    forget_xl_notes(domain);
}

/// A pvhd that dies from here on leaves it to the next one to go on. A full disk must keep nobody
/// from destroying a domain; a restart is put off, since it would be lost.
void note_end(const StateDir& states, const Domain& domain, const DomainSpec& spec,
              Afterlife afterlife) {
    const bool is_restart = afterlife == Afterlife::restart;
    try {
        states.save({.phase = is_restart ? Phase::restarting : Phase::ending,
                     .spec = spec,
                     .domid = domain.id});
    } catch (const Error& e) {
        if (is_restart) throw;
        log::warn("{} uuid={}: {}", domain.id, to_string(domain.uuid), e.what());
    }
}

using BuildJob = std::function<BuildOutcome(WorkerContext&)>;

/// Where dom0 has to give memory for it. Others may take what it gave.
BuildOutcome build_in_made_room(const BuildJob& job, const BuildOrder& order,
                                const Dom0Reserve& reserve, WorkerContext& context) {
    constexpr unsigned kAttempts = 4;
    Timeline timeline;
    const PageCount needed = make_plan(order, timeline).pages_needed;
    for (unsigned attempt = 1;; ++attempt) {
        make_room(context.hypervisor, context.store, needed, reserve);
        try {
            return job(context);
        } catch (const Error& e) {
            if (e.code() != Errc::no_memory || attempt == kAttempts) throw;
        }
    }
}

/// One at a time, and in nobody's way.
Task<BuildOutcome> build_with_dom0s(Toolstack& toolstack, BuildJob job, BuildOrder order,
                                    std::exception_ptr failure) {
    const Dom0Reserve reserve{
        .least_kib = std::uint64_t{toolstack.dom0_min_mib} * 1024,
        .is_given_up = [&stops = toolstack.is_stopping] { return stops.load(); }};
    BuildJob whole = [job = std::move(job), order = std::move(order), reserve,
                      setting = toolstack.autoballoon,
                      failure = std::move(failure)](WorkerContext& context) {
        if (!balloons_dom0(setting, context.hypervisor.host_info().xen_commandline))
            std::rethrow_exception(failure);
        return build_in_made_room(job, order, reserve, context);
    };
    return toolstack.lone_builder.run(std::move(whole));
}

/// What fails for the want of memory is tried again with that of prepared domains, then of dom0.
Task<BuildOutcome> build(Toolstack& toolstack, const Birth& birth) {
    const BuildJob job = [states = toolstack.states, order = birth.order,
                          prepared = birth.prepared](WorkerContext& context) {
        return prepared ? finish_and_run(context, states, order, *prepared)
                        : build_and_run(context, states, order);
    };
    std::exception_ptr failure;
    constexpr int kAttempts = 4; // others prepare, and create, as well
    bool has_more = true;
    for (int attempt = 0; has_more && attempt < kAttempts; ++attempt) {
        try {
            co_return co_await toolstack.builders.run(job);
        } catch (const Error& e) {
            if (e.code() != Errc::no_memory) throw;
            failure = std::current_exception();
        }
        has_more = co_await toolstack.pool->give_back();
    }
    co_return co_await build_with_dom0s(toolstack, job, birth.order, failure);
}

} // namespace

BuildOrder make_order(const Toolstack& toolstack, DomainSpec spec) {
    return {.spec = std::move(spec),
            .stays_paused = false,
            .afterlife = Afterlife::none,
            .images = toolstack.images,
            .max_ramdisk = toolstack.max_ramdisk,
            .host_facts = toolstack.host_facts,
            .console_socket = toolstack.console_socket,
            .timeline = Timeline{}};
}

Task<BuildOutcome> give_birth(Toolstack& toolstack, Birth birth) {
    const Pool::Precedence precedence{*toolstack.pool};
    BuildOutcome outcome = co_await build(toolstack, birth);
    record(toolstack, birth, outcome.domain);
    asio::post(toolstack.loop, [&toolstack, domain = outcome.domain] { // nobody waits for it
        const Record* born = toolstack.registry.find(domain.id);
        if (born == nullptr || born->domain != domain) return;
        toolstack.watcher->look_at(domain.id);
        toolstack.qemus->follow(*born);
    });
    co_return outcome;
}

Task<void> end_domain(Toolstack& toolstack, Domain domain, Afterlife afterlife) {
    const Record* record = toolstack.registry.find(domain.id);
    const bool is_xls = record != nullptr && !record->is_managed();
    std::function<void(WorkerContext&)> job;
    if (is_xls)
        job = [domain, states = toolstack.states](WorkerContext& context) {
            end_foreigner(context, domain);
            states.remove(domain.uuid); // of a former life of ours
        };
    else
        job = [domain, afterlife, spec = record == nullptr ? std::nullopt : record->spec,
               states = toolstack.states](WorkerContext& context) {
            if (spec) note_end(states, domain, *spec, afterlife);
            destroy_for_good(context, domain);
            if (afterlife == Afterlife::none) states.remove(domain.uuid);
        };
    co_await toolstack.builders.run(std::move(job));
    const Record* known = toolstack.registry.find(domain.id);
    if (known != nullptr && known->domain == domain) toolstack.registry.remove(domain.id);
}

} // namespace pvh::daemon
