// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/build_domain.h"

#include "libdomain/boot/ap_startup.h"
#include "libdomain/build/cpu_pool.h"
#include "libdomain/build/domain_nodes.h"
#include "libdomain/build/load_guest.h"
#include "libdomain/build/nascent_domain.h"
#include "libdomain/build/service_domain.h"
#include "libdomain/core/error.h"
#include "libdomain/device/attach.h"
#include "libdomain/device/console.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace pvh {

namespace {

// The grant entries that a guest and its backends know without being told.
// [xen/include/public/grant_table.h]
constexpr GrantRef kConsoleGrant{0}; // GNTTAB_RESERVED_CONSOLE
constexpr GrantRef kStoreGrant{1};   // GNTTAB_RESERVED_XENSTORE

/// Of Xen's int32 for a number of frames; -1 is its default.
std::int32_t frames(const std::optional<std::uint32_t>& count) {
    return count ? static_cast<std::int32_t>(*count) : -1;
}

/// What a domain is labelled while it is built, and then for good; absent: what all guests are.
struct Labels {
    std::optional<xen::SecurityId> initial;
    std::optional<xen::SecurityId> lasting;
};

Labels find_labels(xen::Hypervisor& hv, const DomainSpec& spec) {
    Labels labels;
    if (!spec.init_seclabel.empty()) labels.initial = hv.find_label(spec.init_seclabel);
    if (!spec.seclabel.empty()) labels.lasting = hv.find_label(spec.seclabel);
    return labels;
}

xen::CreateDomain create_args(const boot::BuildPlan& plan, std::uint32_t pool,
                              const Labels& labels) {
    const DomainSpec& spec = plan.spec;
    return {.handle = spec.uuid.value(),
            .max_vcpus = boot::all_vcpus(spec),
            .max_event_channel_port = spec.max_event_channels,
            .max_grant_frames = frames(spec.max_grant_frames),
            .max_maptrack_frames = frames(spec.max_maptrack_frames),
            .grant_version = plan.grant_version,
            .cpupool = pool,
            .label = labels.initial ? labels.initial : labels.lasting,
            .has_nested_hvm = spec.has_nested_hvm,
            .has_vpmu = spec.has_vpmu};
}

/// What the guest's wall clock shows beyond UTC, now.
std::int64_t clock_offset(const DomainSpec& spec) {
    if (!spec.uses_local_time) return spec.rtc_offset_s;
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    if (localtime_r(&now, &local) == nullptr)
        throw Error{Errc::internal, "find out the host's local time", errno};
    return spec.rtc_offset_s + local.tm_gmtoff;
}

// The claim comes before anything that takes memory: want of it is one early, clear error.
void set_limits(xen::Hypervisor& hv, DomId dom, const boot::BuildPlan& plan) {
    hv.set_max_vcpus(dom, boot::all_vcpus(plan.spec));
    hv.set_max_memory(dom, plan.max_memory_kib);
    hv.claim_pages(dom, plan.pages_needed);
    hv.set_paging_pool(dom, plan.paging_pool_bytes);
    hv.set_memory_map(dom, plan.memory_map);
    if (plan.numa) hv.set_virtual_numa(dom, *plan.numa);
    if (!plan.cpu_policy.empty()) hv.set_cpu_policy(dom, plan.cpu_policy);
}

/// What differs from what Xen does by itself.
void tune(xen::Hypervisor& hv, DomId dom, const boot::BuildPlan& plan, std::uint32_t pool) {
    const DomainSpec& spec = plan.spec;
    for (const boot::VcpuAffinity& affinity : plan.affinity)
        hv.set_affinity(dom, affinity.vcpu, affinity.hard ? &*affinity.hard : nullptr,
                        affinity.soft ? &*affinity.soft : nullptr);
    if (spec.scheduling.weight || spec.scheduling.cap)
        hv.set_scheduling(dom, pool,
                          {.weight = spec.scheduling.weight, .cap = spec.scheduling.cap});
    if (spec.tsc_mode != TscMode::standard)
        hv.set_tsc_mode(dom, static_cast<unsigned>(spec.tsc_mode));
    if (const std::int64_t offset = clock_offset(spec); offset != 0)
        hv.set_time_offset(dom, static_cast<std::int32_t>(offset));
}

void populate_memory(xen::Hypervisor& hv, DomId dom, const boot::BuildPlan& plan) {
    if (plan.is_populated_on_demand) hv.set_pod_target(dom, plan.pod_target);
    for (const boot::RamPart& part : plan.ram)
        hv.populate(dom, part.extents,
                    plan.is_populated_on_demand ? xen::Populate::on_demand : xen::Populate::now,
                    part.pnode);
    std::vector<Extent> extra;
    extra.reserve(plan.extra_pages.size());
    for (const Gfn gfn : plan.extra_pages)
        extra.push_back({.first = gfn, .order = 0});
    hv.populate(dom, extra, xen::Populate::now, std::nullopt);
    hv.claim_pages(dom, PageCount{0});
}

device::ConsoleService console_of(const boot::BuildPlan& plan) {
    return plan.is_console_ours ? device::ConsoleService::pvhconsoled
                                : device::ConsoleService::xenconsoled;
}

Rings wire_rings(xen::Hypervisor& hv, xen::Store& store, DomId dom, const boot::BuildPlan& plan) {
    const DomId console_domain =
        plan.is_console_ours ? kDom0 : service_domain(store, "/tool/xenconsoled/domid");
    const Rings rings{.store = plan.special.store,
                      .store_port = hv.alloc_unbound_port(dom, plan.store_domain),
                      .console = plan.special.console,
                      .console_port = hv.alloc_unbound_port(dom, console_domain)};
    const std::array<xen::SeededGrant, 2> grants{{{kConsoleGrant, rings.console, console_domain},
                                                  {kStoreGrant, rings.store, plan.store_domain}}};
    hv.seed_grants(dom, grants);
    return rings;
}

void set_params(xen::Hypervisor& hv, DomId dom, const boot::SpecialPages& pages, const Rings& rings,
                TimerMode timer_mode) {
    using xen::HvmParam;
    hv.set_hvm_param(dom, HvmParam::store_pfn, pages.store.value());
    hv.set_hvm_param(dom, HvmParam::store_evtchn, rings.store_port.value());
    hv.set_hvm_param(dom, HvmParam::console_pfn, pages.console.value());
    hv.set_hvm_param(dom, HvmParam::console_evtchn, rings.console_port.value());
    hv.set_hvm_param(dom, HvmParam::ident_pt,
                     to_addr(pages.ident_pt).value()); // in bytes, unlike its siblings
    hv.set_hvm_param(dom, HvmParam::paging_ring_pfn, pages.paging.value());
    hv.set_hvm_param(dom, HvmParam::monitor_ring_pfn, pages.monitor.value());
    hv.set_hvm_param(dom, HvmParam::sharing_ring_pfn, pages.sharing.value());
    hv.set_hvm_param(dom, HvmParam::timer_mode, static_cast<std::uint64_t>(timer_mode));
}

void publish(xen::Store& store, const Domain& domain, const boot::BuildPlan& plan,
             const Rings& rings) {
    device::StoreNodes nodes = describe_contents(domain, plan.spec, rings, start_time_now());
    for (device::StoreNode& node :
         device::describe_console(domain.id, rings.console, rings.console_port, console_of(plan)))
        nodes.push_back(std::move(node));
    store.apply(nodes);
}

Domain build_stages(xen::Hypervisor& hv, xen::Store& store, device::HostDevices& host,
                    const boot::BuildPlan& plan, Timeline& timeline, std::string_view& stage) {
    const auto enter = [&](std::string_view next) {
        timeline.mark(stage);
        stage = next;
    };
    const std::uint32_t pool = find_cpu_pool(store, plan.spec.pool);
    const Labels labels = find_labels(hv, plan.spec);
    enter("prepare");
    device::Devices devices = device::prepare_devices(plan.spec, host, store);
    enter("create");
    NascentDomain dom{
        hv, create_args(plan, pool, labels)}; // from here on, leaving the scope destroys it
    enter("limits");
    set_limits(hv, dom.id(), plan);
    tune(hv, dom.id(), plan, pool);
    enter("homes");
    NascentNodes nodes{store, dom.domain()};
    store.apply(describe_homes(dom.domain(), plan.spec));
    NascentDevices attached{host, store, dom.id(), std::move(devices)};
    attached.announce(); // backends work while memory is built
    enter("populate");
    populate_memory(hv, dom.id(), plan);
    enter("load");
    load_guest(hv, dom.id(), plan.loads);
    enter("rings");
    const Rings rings = wire_rings(hv, store, dom.id(), plan);
    set_params(hv, dom.id(), plan.special, rings, plan.spec.timer_mode);
    enter("vcpu");
    hv.set_boot_vcpu(dom.id(), plan.boot_vcpu, boot::all_vcpus(plan.spec));
    enter("xenstore");
    publish(store, dom.domain(), plan, rings);
    enter("plug");
    attached.plug();
    enter("introduce");
    store.introduce(dom.id(), rings.store, rings.store_port);
    if (labels.initial && labels.lasting) hv.set_label(dom.id(), *labels.lasting);
    timeline.mark(stage);
    attached.commit();
    nodes.commit();
    return dom.commit();
}

} // namespace

Domain build_domain(xen::Hypervisor& hv, xen::Store& store, device::HostDevices& host,
                    const boot::BuildPlan& plan, Timeline& timeline) {
    std::string_view stage = "look_up";
    try {
        return build_stages(hv, store, host, plan, timeline, stage);
    } catch (Error& e) {
        e.add_context(fmt::format("building \"{}\"", plan.spec.name)).at_stage(stage);
        throw;
    }
}

} // namespace pvh
