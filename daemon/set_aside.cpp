// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/set_aside.h"

#include "daemon/text.h"
#include "libdomain/build/domain_nodes.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/device/detach.h"

#include <ctime>
#include <exception>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace pvh::daemon {

namespace {

constexpr std::size_t kLongestName = 255;

/// xl would give up on a second one in a minute.
std::string free_name(const Registry& registry, const std::string& wanted) {
    std::string name = wanted;
    const auto is_taken = [&] {
        return !registry.find(std::string_view{name}).empty() || registry.reserved(name);
    };
    for (unsigned i = 2; is_taken(); ++i)
        name = fmt::format("{}-{}", wanted, i);
    return name;
}

/// Of a domain that has no devices any more, and whose end has been dealt with.
DomainSpec spec_aside(DomainSpec spec, std::string name) {
    spec.name = std::move(name);
    spec.uuid = random_uuid();
    spec.disks.clear();
    spec.nics.clear();
    spec.channels.clear();
    spec.p9.clear();
    spec.vtpms.clear();
    for (EndAction* action : {&spec.on_poweroff, &spec.on_reboot, &spec.on_crash, &spec.on_watchdog,
                              &spec.on_soft_reset})
        *action = EndAction::preserve;
    return spec;
}

/// Both files come first: a pvhd that dies here or there finds by the domain's UUID how far it
/// was.
void set_aside_now(WorkerContext& context, const StateDir& states, const Domain& domain,
                   const DomainSpec& spec, const DomainSpec& aside) {
    const Domain renamed{domain.id, aside.uuid.value()};
    require_alive(context.hypervisor, domain);
    try {
        states.save({.phase = Phase::setting_aside, .spec = aside, .domid = domain.id});
        states.save({.phase = Phase::replacing, .spec = spec, .domid = domain.id});
        context.hypervisor.set_handle(domain.id, renamed.uuid);
    } catch (const Error&) {
        states.remove(renamed.uuid);
        throw;
    }
    if (!put_away(context, renamed, aside.name)) return; // the next start tries again
    try {
        states.save({.phase = Phase::complete, .spec = aside, .domid = domain.id});
    } catch (const Error& e) {
        log::warn("{} uuid={}: {}", domain.id, to_string(renamed.uuid), e.what());
    }
}

Record record_aside(const Record& record, DomainSpec aside) {
    return {.domain = {record.domain.id, aside.uuid.value()},
            .name = aside.name,
            .spec = std::move(aside),
            .is_paused = record.is_paused,
            .is_shutdown = record.is_shutdown,
            .is_dying = false,
            .shutdown_reason = record.shutdown_reason,
            .is_end_handled = true,
            .since = record.since,
            .quick_ends = 0,
            .remark = fmt::format("what \"{}\" was before it was restarted", record.name)};
}

} // namespace

std::string aside_name(const std::string& name, std::chrono::system_clock::time_point time) {
    const std::string suffix =
        fmt::format("{:-%Y%m%dT%H%MZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
    // With room for a number.
    return name.substr(0, kLongestName - suffix.size() - 8) + suffix;
}

Task<void> set_aside(Toolstack& toolstack, Record record) {
    const DomainSpec spec = record.spec.value();
    const std::string name =
        free_name(toolstack.registry, aside_name(spec.name, std::chrono::system_clock::now()));
    const DomainSpec aside = spec_aside(spec, name);
    std::function<void(WorkerContext&)> job = [states = toolstack.states, domain = record.domain,
                                               spec, aside](WorkerContext& context) {
        set_aside_now(context, states, domain, spec, aside);
    };
    co_await toolstack.builders.run(std::move(job));
    log::info("{} \"{}\" uuid={} stays as \"{}\" uuid={}", record.domain.id, printable(record.name),
              to_string(record.domain.uuid), printable(aside.name), to_string(*aside.uuid));
    toolstack.registry.add(record_aside(record, aside));
}

bool put_away(WorkerContext& context, const Domain& domain, const std::string& name) {
    bool is_whole = true;
    const auto attempt = [&](auto act) {
        try {
            act();
        } catch (const std::exception& e) {
            log::error("put {} uuid={} away: {}", domain.id, to_string(domain.uuid), e.what());
            is_whole = false;
        }
    };
    attempt([&] { rename_domain_nodes(context.store, domain, name); });
    attempt([&] { device::remove_devices(context.devices, context.store, domain.id); });
    return is_whole;
}

} // namespace pvh::daemon
