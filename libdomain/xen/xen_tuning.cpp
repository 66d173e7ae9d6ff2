// SPDX-License-Identifier: LGPL-2.1-or-later
// XenHypervisor: where, when and with what clocks vCPUs run.
#include "libdomain/core/error.h"
#include "libdomain/xen/bitmap.h"
#include "libdomain/xen/xen_hypervisor.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

namespace pvh::xen {

namespace {

/// The bytes that libxenctrl reads and writes of a bitmap of CPUs.
std::vector<std::uint8_t> bitmap_of(xc_interface* xc, const CpuMask* mask) {
    const int bytes = xc_get_cpumap_size(xc);
    if (bytes <= 0) throw_hypercall_error("physinfo for the size of a CPU map", errno);
    std::vector<std::uint8_t> bitmap(static_cast<std::size_t>(bytes));
    if (mask == nullptr) return bitmap;
    for (std::size_t cpu = 0; cpu < std::min(mask->size(), bitmap.size() * 8); ++cpu)
        if ((*mask)[cpu]) bitmap[cpu / 8] |= static_cast<std::uint8_t>(1U << (cpu % 8));
    return bitmap;
}

template <class T> void apply(T& params, const Scheduling& scheduling) {
    if (scheduling.weight) params.weight = *scheduling.weight;
    if (scheduling.cap) params.cap = *scheduling.cap;
}

bool set_credit(xc_interface* xc, DomId dom, const Scheduling& scheduling) {
    xen_domctl_sched_credit params{};
    if (xc_sched_credit_domain_get(xc, dom.value(), &params) != 0) return false;
    apply(params, scheduling);
    return xc_sched_credit_domain_set(xc, dom.value(), &params) == 0;
}

bool set_credit2(xc_interface* xc, DomId dom, const Scheduling& scheduling) {
    xen_domctl_sched_credit2 params{};
    if (xc_sched_credit2_domain_get(xc, dom.value(), &params) != 0) return false;
    apply(params, scheduling);
    return xc_sched_credit2_domain_set(xc, dom.value(), &params) == 0;
}

} // namespace

void XenHypervisor::set_affinity(DomId dom, unsigned vcpu, const CpuMask* hard,
                                 const CpuMask* soft) {
    std::vector<std::uint8_t> hard_map = bitmap_of(xc_.get(), hard);
    std::vector<std::uint8_t> soft_map = bitmap_of(xc_.get(), soft);
    const std::uint32_t flags = (hard != nullptr ? XEN_VCPUAFFINITY_HARD : 0U) |
                                (soft != nullptr ? XEN_VCPUAFFINITY_SOFT : 0U);
    if (xc_vcpu_setaffinity(xc_.get(), dom.value(), static_cast<int>(vcpu), hard_map.data(),
                            soft_map.data(), flags) != 0)
        throw_hypercall_error(fmt::format("setvcpuaffinity of {} vCPU {}", dom, vcpu), errno);
}

void XenHypervisor::set_scheduling(DomId dom, std::uint32_t pool, const Scheduling& scheduling) {
    const std::uint32_t scheduler = scheduler_of_pool(xc_.get(), pool);
    if (scheduler != XEN_SCHEDULER_CREDIT && scheduler != XEN_SCHEDULER_CREDIT2)
        throw Error{Errc::unsupported,
                    fmt::format("the scheduler of CPU pool {} has no cpu_weight and no cap", pool)}
            .with_hint("remove them, or choose a pool that runs credit or credit2");
    const bool done = scheduler == XEN_SCHEDULER_CREDIT ? set_credit(xc_.get(), dom, scheduling)
                                                        : set_credit2(xc_.get(), dom, scheduling);
    if (!done) throw_hypercall_error(fmt::format("scheduler_op of {}", dom), errno);
}

Scheduling XenHypervisor::scheduling(DomId dom, std::uint32_t pool) {
    const std::uint32_t scheduler = scheduler_of_pool(xc_.get(), pool);
    xen_domctl_sched_credit credit{};
    xen_domctl_sched_credit2 credit2{};
    int failed = 0;
    if (scheduler == XEN_SCHEDULER_CREDIT)
        failed = xc_sched_credit_domain_get(xc_.get(), dom.value(), &credit);
    else if (scheduler == XEN_SCHEDULER_CREDIT2)
        failed = xc_sched_credit2_domain_get(xc_.get(), dom.value(), &credit2);
    else
        return {};
    if (failed != 0) throw_hypercall_error(fmt::format("scheduler_op of {}", dom), errno);
    if (scheduler == XEN_SCHEDULER_CREDIT) return {.weight = credit.weight, .cap = credit.cap};
    return {.weight = credit2.weight, .cap = credit2.cap};
}

void XenHypervisor::send_trigger(DomId dom, Trigger trigger, unsigned vcpu) {
    if (xc_domain_send_trigger(xc_.get(), dom.value(), static_cast<std::uint32_t>(trigger), vcpu) !=
        0)
        throw_hypercall_error(
            fmt::format("sendtrigger {} to {} vCPU {}", static_cast<unsigned>(trigger), dom, vcpu),
            errno);
}

std::vector<VcpuInfo> XenHypervisor::list_vcpus(DomId dom) {
    const auto domain = domain_info(dom);
    if (!domain) throw Error{Errc::not_found, fmt::format("{} is gone", dom)};
    std::vector<VcpuInfo> vcpus;
    for (unsigned id = 0; id <= domain->max_vcpu_id; ++id) {
        xc_vcpuinfo_t raw{};
        if (xc_vcpu_getinfo(xc_.get(), dom.value(), id, &raw) != 0)
            throw_hypercall_error(fmt::format("getvcpuinfo of {} vCPU {}", dom, id), errno);
        VcpuInfo vcpu{.id = id,
                      .is_online = raw.online != 0,
                      .is_blocked = raw.blocked != 0,
                      .is_running = raw.running != 0,
                      .cpu = raw.cpu,
                      .cpu_time_ns = raw.cpu_time,
                      .hard_affinity = {},
                      .soft_affinity = {}};
        get_affinity(dom, vcpu);
        vcpus.push_back(std::move(vcpu));
    }
    return vcpus;
}

void XenHypervisor::get_affinity(DomId dom, VcpuInfo& vcpu) {
    std::vector<std::uint8_t> hard = bitmap_of(xc_.get(), nullptr);
    std::vector<std::uint8_t> soft = hard;
    if (xc_vcpu_getaffinity(xc_.get(), dom.value(), static_cast<int>(vcpu.id), hard.data(),
                            soft.data(), XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT) != 0)
        throw_hypercall_error(fmt::format("getvcpuaffinity of {} vCPU {}", dom, vcpu.id), errno);
    vcpu.hard_affinity = bits_of(hard);
    vcpu.soft_affinity = bits_of(soft);
}

SecurityId XenHypervisor::find_label(const std::string& label) {
    std::string copy = label; // libxenctrl takes no const
    SecurityId id = 0;
    if (xc_flask_context_to_sid(xc_.get(), copy.data(), static_cast<std::uint32_t>(copy.size()),
                                &id) == 0)
        return id;
    const int err = errno;
    if (err == ENOSYS)
        throw Error{
            Errc::unsupported,
            fmt::format("this Xen has no XSM, so no domain can have the label \"{}\"", label)}
            .with_hint("remove seclabel and init_seclabel, or boot a Xen that is built with XSM");
    if (err == EINVAL || err == ENOENT)
        throw Error{Errc::invalid_config,
                    fmt::format("the XSM policy of this Xen knows no label \"{}\"", label), err};
    throw_hypercall_error(fmt::format("flask context_to_sid of \"{}\"", label), err);
}

void XenHypervisor::set_label(DomId dom, SecurityId label) {
    if (xc_flask_relabel_domain(xc_.get(), dom.value(), label) != 0)
        throw_hypercall_error(fmt::format("flask relabel of {}", dom), errno);
}

void XenHypervisor::set_tsc_mode(DomId dom, unsigned mode) {
    if (xc_domain_set_tsc_info(xc_.get(), dom.value(), mode, 0, 0, 0) != 0)
        throw_hypercall_error(fmt::format("settscinfo of {} to mode {}", dom, mode), errno);
}

void XenHypervisor::set_time_offset(DomId dom, std::int32_t seconds) {
    if (xc_domain_set_time_offset(xc_.get(), dom.value(), seconds) != 0)
        throw_hypercall_error(fmt::format("settimeoffset of {} to {} s", dom, seconds), errno);
}

std::vector<std::optional<unsigned>> XenHypervisor::cpu_nodes() {
    std::vector<std::optional<unsigned>> nodes;
    for (const std::optional<CpuPlace>& place : host_cpus_.topology())
        nodes.push_back(place ? std::optional{place->node} : std::nullopt);
    return nodes;
}

} // namespace pvh::xen
