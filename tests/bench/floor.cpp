// SPDX-License-Identifier: LGPL-2.1-or-later
// pvhd-floor KERNEL COUNT: builds a domain of 4 MiB with the least that boots a PVH kernel, so
// often, sees each run, and destroys it before the next. Prints the microseconds from the first
// hypercall to the end of unpause, one line each. What pvhd takes beyond that is pvhd's.
#include "libdomain/boot/build_plan.h"
#include "libdomain/build/load_guest.h"
#include "libdomain/core/error.h"
#include "libdomain/core/uuid.h"
#include "libdomain/host.h"
#include "libdomain/image/image_cache.h"
#include "libdomain/xen/open.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <sched.h>

namespace {

using namespace pvh;
using Clock = std::chrono::steady_clock;

void wire(xen::Hypervisor& hv, DomId dom, const boot::SpecialPages& pages, Port store_port) {
    const Port console_port = hv.alloc_unbound_port(dom, kDom0);
    const std::array<xen::SeededGrant, 2> grants{
        {{GrantRef{0}, pages.console, kDom0}, {GrantRef{1}, pages.store, kDom0}}};
    hv.seed_grants(dom, grants);
    using xen::HvmParam;
    hv.set_hvm_param(dom, HvmParam::store_pfn, pages.store.value());
    hv.set_hvm_param(dom, HvmParam::store_evtchn, store_port.value());
    hv.set_hvm_param(dom, HvmParam::console_pfn, pages.console.value());
    hv.set_hvm_param(dom, HvmParam::console_evtchn, console_port.value());
}

DomId build(xen::Session& session, const boot::BuildPlan& plan, const Uuid& uuid) {
    xen::Hypervisor& hv = *session.hypervisor;
    const DomId dom = hv.create_domain({.handle = uuid, .label = std::nullopt});
    hv.set_max_vcpus(dom, 1);
    hv.set_max_memory(dom, plan.max_memory_kib);
    hv.set_paging_pool(dom, plan.paging_pool_bytes);
    hv.set_memory_map(dom, plan.memory_map);
    std::vector<Extent> extents = plan.ram.front().extents;
    for (const Gfn gfn : {plan.special.store, plan.special.console})
        extents.push_back({.first = gfn, .order = 0});
    hv.populate(dom, extents, xen::Populate::now, std::nullopt);
    load_guest(hv, dom, plan.loads);
    const Port store_port = hv.alloc_unbound_port(dom, kDom0);
    wire(hv, dom, plan.special, store_port);
    hv.set_boot_vcpu(dom, plan.boot_vcpu, 1);
    session.store->write(fmt::format("/local/domain/{}/name", dom.value()), "floor");
    session.store->introduce(dom, plan.special.store, store_port);
    hv.unpause(dom);
    return dom;
}

/// A kernel and start_info: no ACPI, no page of a ring but xenstore's and the console's.
boot::BuildPlan plan_least(xen::Session& session, const std::string& kernel) {
    DomainSpec spec;
    spec.name = "floor";
    spec.uuid = random_uuid();
    spec.kernel = kernel;
    spec.memory_mib = spec.max_memory_mib = 4;
    spec.has_acpi = false;
    image::ImageCache images{64 * kMiB};
    boot::BuildPlan plan = boot::plan_build(spec, images.get(kernel), nullptr,
                                            gather_host_facts(*session.hypervisor, *session.store));
    const auto is_spare = [&](const boot::Load& load) {
        const Gfn page = to_gfn(load.address);
        return page >= to_gfn(GuestAddr{4 * kMiB}) && page != plan.special.store &&
               page != plan.special.console;
    };
    std::erase_if(plan.loads, is_spare);
    return plan;
}

/// Until the guest has run; then whoever else hears of domains is given time to have done with it.
void settle(xen::Hypervisor& hv, DomId dom) {
    for (int i = 0; i < 100; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        const auto info = hv.domain_info(dom);
        if (info && info->cpu_time_ns > 0) return;
    }
    throw Error{Errc::internal, "the guest does not run"};
}

void measure(const std::string& kernel, int count) {
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_BATCH, &none); // as pvhd's workers
    xen::Session session = xen::open_session();
    const boot::BuildPlan plan = plan_least(session, kernel);
    for (int i = 0; i < count; ++i) {
        const Uuid uuid = random_uuid();
        const auto begin = Clock::now();
        const DomId dom = build(session, plan, uuid);
        const auto took =
            std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
        fmt::print("{}\n", took.count());
        settle(*session.hypervisor, dom);
        session.hypervisor->destroy_domain(dom);
        session.store->remove(fmt::format("/local/domain/{}", dom.value()));
        std::this_thread::sleep_for(std::chrono::milliseconds{500});
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: pvhd-floor KERNEL COUNT\n", stderr);
        return EXIT_FAILURE;
    }
    try {
        measure(argv[1], std::atoi(argv[2]));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "pvhd-floor: %s\n", e.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
