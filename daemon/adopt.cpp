// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/adopt.h"

#include "daemon/registry.h"
#include "daemon/text.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/device/detach.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/device/spec_changes.h"
#include "libdomain/device/store_node.h"
#include "libdomain/spec/validate.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

const xen::DomainInfo* find_living(std::span<const xen::DomainInfo> present, const Uuid& uuid) {
    const auto found =
        std::find_if(present.begin(), present.end(), [&](const xen::DomainInfo& info) {
            return info.handle == uuid && !info.is_dying;
        });
    return found == present.end() ? nullptr : &*found;
}

void destroy_torso(WorkerContext& context, const StateDir& states, const Domain& torso) {
    log::warn("{} uuid={} was being built when pvhd ended: destroying it", torso.id,
              to_string(torso.uuid));
    try {
        destroy_domain(context.hypervisor, context.store, context.devices, torso);
        states.remove(torso.uuid);
    } catch (const Error& e) { // the file stays, and the next start tries again
        log::error("destroy {} uuid={}: {}", torso.id, to_string(torso.uuid), e.what());
    }
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

/// What was being attached when pvhd ended goes; what was taken away by then or since, by whomever,
/// is no longer wanted. An ended domain is left as it is: its devices may be gone because somebody
/// was restarting it.
DomainSpec settled(WorkerContext& context, DomainSpec spec, const xen::DomainInfo& info,
                   const StateDir& states) {
    xen::Store& store = context.store;
    if (info.is_shutdown || !store.list(device::record_path(info.id) + "/device")) return spec;
    for (const device::Address& cut_short : device::unfinished_devices(store, info.id)) {
        log::warn("{} was being attached when pvhd ended: removing it", record_path(cut_short));
        device::remove_device(context.devices, store, cut_short);
    }
    DomainSpec now = device::only_present(spec, info.id, device::recorded_devices(store, info.id));
    if (now == spec) return spec;
    log::info("{}: devices were taken away while pvhd was: dropping them from its spec", info.id);
    states.save({.phase = Phase::complete, .spec = now, .domid = info.id});
    return now;
}

void register_all(WorkerContext& context, const Inheritance& inheritance, const StateDir& states,
                  Registry& registry) {
    for (const auto& info : context.hypervisor.list_domains()) {
        Record record = record_of(context.store, info);
        const auto ours = std::find_if(
            inheritance.adopted.begin(), inheritance.adopted.end(), [&](const auto& adopted) {
                return adopted.info.id == info.id && adopted.info.handle == info.handle;
            });
        if (ours != inheritance.adopted.end()) {
            record.spec = settled(context, renamed(ours->spec, record, states), info, states);
            log::info("{} \"{}\" uuid={} adopted", info.id, printable(record.name),
                      to_string(info.handle));
        }
        registry.add(std::move(record));
    }
}

} // namespace

Inheritance sort_out(std::span<const xen::DomainInfo> present,
                     std::span<const StoredDomain> stored) {
    Inheritance inheritance;
    for (const StoredDomain& domain : stored) {
        const Uuid uuid = domain.spec.uuid.value();
        const xen::DomainInfo* info = find_living(present, uuid);
        if (info == nullptr)
            inheritance.stale.push_back(uuid);
        else if (domain.phase == Phase::building)
            inheritance.torsos.push_back({info->id, uuid});
        else
            inheritance.adopted.push_back({*info, domain.spec});
    }
    return inheritance;
}

void take_over(WorkerContext& context, const StateDir& states, Registry& registry) {
    const auto stored = states.load();
    const Inheritance inheritance = sort_out(context.hypervisor.list_domains(), stored);
    for (const Uuid& uuid : inheritance.stale) {
        log::info("domain uuid={} ended while pvhd was away: forgetting it", to_string(uuid));
        states.remove(uuid);
    }
    for (const Domain& torso : inheritance.torsos)
        destroy_torso(context, states, torso);
    register_all(context, inheritance, states, registry);
}

} // namespace pvh::daemon
