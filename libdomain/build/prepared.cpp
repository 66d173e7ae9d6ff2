// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/prepared.h"

#include "libdomain/build/domain_nodes.h"
#include "libdomain/build/load_guest.h"
#include "libdomain/build/nascent_domain.h"
#include "libdomain/core/error.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace pvh {

namespace {

bool is_start_info(const boot::Load& load) {
    return std::string_view{load.what} == "start_info";
}

std::uint64_t last_page(const boot::Load& load) {
    return to_gfn(load.address + (load.size - 1)).value();
}

/// One of another size would leave pages of the other as they are, or need some of its neighbour's.
bool is_in_place(const boot::Load& made, const boot::Load& wanted) {
    const bool has_its_pages =
        made.address == wanted.address && last_page(made) == last_page(wanted);
    if (is_start_info(wanted)) return is_start_info(made) && has_its_pages;
    return std::string_view{made.what} == wanted.what && made.address == wanted.address &&
           made.size == wanted.size;
}

} // namespace

DomainSpec with_what_is_given_late(DomainSpec spec, const DomainSpec& other) {
    spec.name = other.name;
    spec.uuid = other.uuid;
    spec.cmdline = other.cmdline;
    spec.disks = other.disks;
    spec.nics = other.nics;
    spec.channels = other.channels;
    spec.p9 = other.p9;
    spec.vtpms = other.vtpms;
    spec.on_poweroff = other.on_poweroff;
    spec.on_reboot = other.on_reboot;
    spec.on_crash = other.on_crash;
    spec.on_watchdog = other.on_watchdog;
    spec.on_soft_reset = other.on_soft_reset;
    return spec;
}

bool is_untouched(const xen::DomainInfo& info) {
    return info.is_paused && !info.is_shutdown && !info.is_dying && info.cpu_time_ns == 0;
}

bool can_become(const boot::BuildPlan& made, const boot::BuildPlan& wanted) {
    return made.kernel == wanted.kernel && made.ramdisk == wanted.ramdisk &&
           with_what_is_given_late(made.spec, wanted.spec) == wanted.spec &&
           made.is_console_ours == wanted.is_console_ours &&
           std::equal(made.loads.begin(), made.loads.end(), wanted.loads.begin(),
                      wanted.loads.end(), is_in_place);
}

void finish_prepared(xen::Hypervisor& hv, xen::Store& store, device::HostDevices& host,
                     const Domain& domain, const Uuid& built_as, const boot::BuildPlan& plan,
                     Timeline& timeline) {
    std::string_view stage = "prepare";
    const auto enter = [&](std::string_view next) {
        timeline.mark(stage);
        stage = next;
    };
    try {
        device::Devices devices = device::prepare_devices(plan.spec, host, store);
        enter("homes");
        NascentDevices attached{host, store, domain.id, std::move(devices)};
        attached.announce(); // backends work while the rest is done
        store.apply(describe_identity(domain, built_as, plan.spec.name, start_time_now()));
        enter("load");
        for (const boot::Load& load : plan.loads)
            if (is_start_info(load)) load_guest(hv, domain.id, std::span{&load, 1});
        enter("plug");
        attached.plug();
        timeline.mark(stage);
        attached.commit();
    } catch (Error& e) {
        e.add_context(fmt::format("building \"{}\"", plan.spec.name)).at_stage(stage);
        throw;
    }
}

} // namespace pvh
