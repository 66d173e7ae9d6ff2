// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/adopt.h"

#include "daemon/build_job.h"
#include "daemon/dump.h"
#include "daemon/registry.h"
#include "daemon/set_aside.h"
#include "daemon/text.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/device/detach.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/device/qemu.h"
#include "libdomain/device/spec_changes.h"
#include "libdomain/device/store_node.h"
#include "libdomain/spec/validate.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

/// Where two share a UUID, the one that had the number.
const xen::DomainInfo* find_living(std::span<const xen::DomainInfo> present,
                                   const StoredDomain& stored) {
    const xen::DomainInfo* found = nullptr;
    for (const xen::DomainInfo& info : present) {
        if (info.handle != stored.spec.uuid || info.is_dying) continue;
        if (found == nullptr || info.id == stored.domid) found = &info;
    }
    return found;
}

bool has_never_run(const xen::DomainInfo& info) {
    return info.is_paused && info.cpu_time_ns == 0;
}

/// What an operation that was cut short left of a domain.
bool is_torso(const StoredDomain& stored, const xen::DomainInfo& info) {
    switch (stored.phase) {
    case Phase::building:
        return has_never_run(info);
    case Phase::restarting: // its old life, or its next one
        return info.id == stored.domid || has_never_run(info);
    case Phase::ending:
        return info.id == stored.domid;
    case Phase::replacing: // its next life: the old one has another UUID, or has ended
        return has_never_run(info) && !info.is_shutdown;
    case Phase::complete:
    case Phase::setting_aside:
        break;
    }
    return false;
}

bool is_to_be_built(Phase phase) {
    return phase == Phase::restarting || phase == Phase::replacing;
}

/// As it is, or where its policy begins anew.
bool lives_on(const StoredDomain& stored, const xen::DomainInfo& info) {
    return stored.phase == Phase::complete || stored.phase == Phase::setting_aside ||
           (stored.phase == Phase::replacing && info.id == stored.domid);
}

std::string_view what_was_done(Phase phase) {
    switch (phase) {
    case Phase::building:
        return "built";
    case Phase::restarting:
    case Phase::replacing:
        return "restarted";
    case Phase::ending:
        return "destroyed";
    case Phase::complete:
    case Phase::setting_aside:
        break;
    }
    return "worked on";
}

/// False if it is still there: then its file stays, and the next start tries again.
bool destroy_torso(WorkerContext& context, const StateDir& states,
                   const Inheritance::Torso& torso) {
    const Domain& domain = torso.domain;
    log::warn("{} uuid={} was being {} when pvhd ended: destroying it", domain.id,
              to_string(domain.uuid), what_was_done(torso.stored.phase));
    try {
        destroy_for_good(context, domain);
    } catch (const Error& e) {
        log::error("destroy {} uuid={}: {}", domain.id, to_string(domain.uuid), e.what());
        return false;
    }
    if (!is_to_be_built(torso.stored.phase)) states.remove(domain.uuid);
    return true;
}

/// Of a domain that is gone: whoever ended it knew nothing of a QEMU of ours.
void end_qemu_of(WorkerContext& context, const StoredDomain& gone) {
    if (!gone.domid) return;
    try {
        if (!context.hypervisor.domain_info(*gone.domid))
            device::stop_qemu(context.devices, context.store, *gone.domid);
    } catch (const Error& e) {
        log::error("end the QEMU of {}: {}", *gone.domid, e.what());
    }
}

void forget(WorkerContext& context, const StateDir& states, const StoredDomain& stale) {
    const Uuid uuid = stale.spec.uuid.value();
    log::info("domain \"{}\" uuid={} ended while pvhd was away: forgetting it", stale.spec.name,
              to_string(uuid));
    end_qemu_of(context, stale);
    states.remove(uuid);
}

std::string name_in_store(xen::Store& store, DomId id) {
    const auto name = store.read(fmt::format("/local/domain/{}/name", id.value()));
    return guest_text(name.value_or(""), 255);
}

Record record_of(xen::Store& store, const xen::DomainInfo& info) {
    return {.domain = {info.id, info.handle},
            .name = name_in_store(store, info.id),
            .spec = std::nullopt,
            .is_paused = info.is_paused,
            .is_shutdown = info.is_shutdown,
            .is_dying = info.is_dying,
            .shutdown_reason = info.shutdown_reason};
}

/// The spec under the name the domain has now: it may have been renamed while pvhd was away.
DomainSpec renamed(DomainSpec spec, const Record& record, const StateDir& states) {
    if (spec.name == record.name || !complaint_about_name(record.name).empty()) return spec;
    spec.name = record.name;
    states.save({.phase = Phase::complete, .spec = spec, .domid = record.domain.id});
    return spec;
}

/// What was being attached when pvhd ended goes, and so does what the guest has begun to give back;
/// what was taken away by then or since, by whomever, is no longer wanted.
DomainSpec settled(WorkerContext& context, DomainSpec spec, const xen::DomainInfo& info,
                   const StateDir& states) {
    xen::Store& store = context.store;
    if (!store.list(device::record_path(info.id) + "/device")) return spec;
    for (const device::Address& cut_short : device::unfinished_devices(store, info.id)) {
        log::warn("{} was being attached when pvhd ended: removing it", record_path(cut_short));
        device::remove_device(context.devices, store, cut_short);
    }
    for (const device::Address& cut_short : device::half_detached_devices(store, info.id)) {
        log::warn("{} was being detached when pvhd ended", record_path(cut_short));
        device::settle_detach(context.devices, store, cut_short);
    }
    DomainSpec now = device::only_present(spec, info.id, device::recorded_devices(store, info.id));
    if (now == spec) return spec;
    log::info("{}: devices were taken away while pvhd was: dropping them from its spec", info.id);
    states.save({.phase = Phase::complete, .spec = now, .domid = info.id});
    return now;
}

/// It was built to run, or was to run on, and pvhd ended just before that.
bool is_to_go_on(const Inheritance::Adopted& ours, bool is_held) {
    if (!ours.info.is_paused) return false;
    return is_held || (ours.stored.is_to_run && has_never_run(ours.info));
}

/// Brings to an end what a rename-restart had begun with what it keeps. Its name in xenstore may
/// still be that of its next life.
void finish_setting_aside(WorkerContext& context, const Inheritance::Adopted& ours,
                          const StateDir& states, Record& record) {
    const DomainSpec& spec = ours.stored.spec;
    record.name = spec.name;
    if (put_away(context, record.domain, spec.name))
        states.save({.phase = Phase::complete, .spec = spec, .domid = record.domain.id});
}

/// The record of an adopted domain, set right where the last pvhd was cut short.
void take_up(WorkerContext& context, const Inheritance::Adopted& ours, const StateDir& states,
             Record& record) {
    record.spec = ours.stored.spec;
    try {
        const std::string hold = hold_path(ours.info.id);
        const bool is_held = context.store.read(hold).has_value();
        if (is_to_go_on(ours, is_held)) {
            context.hypervisor.unpause(ours.info.id);
            record.is_paused = false;
        }
        if (is_held) context.store.remove(hold);
    } catch (const Error& e) {
        log::error("{} uuid={}: {}", record.domain.id, to_string(record.domain.uuid), e.what());
    }
    try {
        if (ours.stored.phase == Phase::setting_aside)
            finish_setting_aside(context, ours, states, record);
        else
            record.spec =
                settled(context, renamed(ours.stored.spec, record, states), ours.info, states);
        if (ours.stored.phase == Phase::replacing)
            states.save({.phase = Phase::complete, .spec = *record.spec, .domid = ours.info.id});
    } catch (const Error& e) { // it is ours all the same
        log::error("{} uuid={}: {}", record.domain.id, to_string(record.domain.uuid), e.what());
    }
    log::info("{} \"{}\" uuid={} adopted", record.domain.id, printable(record.name),
              to_string(record.domain.uuid));
}

void register_all(WorkerContext& context, const Inheritance& inheritance, const StateDir& states,
                  Registry& registry) {
    for (const auto& info : context.hypervisor.list_domains()) {
        Record record = record_of(context.store, info);
        const Domain domain = record.domain;
        const auto ours = std::find_if(inheritance.adopted.begin(), inheritance.adopted.end(),
                                       [&](const auto& one) {
                                           return Domain{one.info.id, one.info.handle} == domain;
                                       });
        if (ours != inheritance.adopted.end()) take_up(context, *ours, states, record);
        const auto torso = std::find_if(inheritance.torsos.begin(), inheritance.torsos.end(),
                                        [&](const auto& one) { return one.domain == domain; });
        if (torso != inheritance.torsos.end() && !info.is_dying) { // it could not be destroyed
            record.spec = torso->stored.spec;
            record.is_end_handled = true;
        }
        registry.add(std::move(record));
    }
}

} // namespace

Inheritance sort_out(std::span<const xen::DomainInfo> present,
                     std::span<const StoredDomain> stored) {
    Inheritance inheritance;
    for (const StoredDomain& domain : stored) {
        const xen::DomainInfo* info = find_living(present, domain);
        const bool is_cut_short = info != nullptr && is_torso(domain, *info);
        const bool is_to_restart =
            is_to_be_built(domain.phase) && (info == nullptr || is_cut_short);
        if (is_to_restart) inheritance.restarting.push_back(domain);
        if (is_cut_short)
            inheritance.torsos.push_back({{info->id, info->handle}, domain});
        else if (info != nullptr && lives_on(domain, *info))
            inheritance.adopted.push_back({*info, domain});
        else if (!is_to_restart)
            inheritance.stale.push_back(domain);
    }
    return inheritance;
}

std::vector<DomainSpec> take_over(WorkerContext& context, const StateDir& states,
                                  Registry& registry) {
    const auto stored = states.load();
    Inheritance inheritance = sort_out(context.hypervisor.list_domains(), stored);
    for (const StoredDomain& domain : inheritance.stale)
        forget(context, states, domain);
    for (const StoredDomain& domain : inheritance.restarting)
        end_qemu_of(context, domain);
    for (const Inheritance::Torso& torso : inheritance.torsos) {
        if (destroy_torso(context, states, torso)) continue;
        std::erase_if(inheritance.restarting, [&](const StoredDomain& domain) {
            return domain.spec.uuid == torso.domain.uuid;
        });
    }
    register_all(context, inheritance, states, registry);
    std::vector<DomainSpec> restarting;
    for (StoredDomain& domain : inheritance.restarting)
        restarting.push_back(std::move(domain.spec));
    return restarting;
}

} // namespace pvh::daemon
