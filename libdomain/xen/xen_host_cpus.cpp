// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/xen/xen_host_cpus.h"

#include "libdomain/core/error.h"
#include "libdomain/xen/bitmap.h"
#include "libdomain/xen/xen_hypervisor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pvh::xen {

namespace {

struct Scheduler {
    std::uint32_t id;
    std::string_view name;
};

constexpr std::array<Scheduler, 5> kSchedulers{{{XEN_SCHEDULER_CREDIT, "credit"},
                                                {XEN_SCHEDULER_CREDIT2, "credit2"},
                                                {XEN_SCHEDULER_ARINC653, "arinc653"},
                                                {XEN_SCHEDULER_RTDS, "rtds"},
                                                {XEN_SCHEDULER_NULL, "null"}}};

std::uint32_t scheduler_id(const std::string& name) {
    const auto* const found = std::find_if(kSchedulers.begin(), kSchedulers.end(),
                                           [&](const auto& known) { return known.name == name; });
    if (found != kSchedulers.end()) return found->id;
    std::vector<std::string_view> names;
    for (const Scheduler& known : kSchedulers)
        names.push_back(known.name);
    throw Error{Errc::invalid_config, fmt::format("there is no scheduler \"{}\"", name)}.with_hint(
        fmt::format("there are: {}", fmt::join(names, ", ")));
}

auto pool_info(xc_interface* xc, std::uint32_t from) {
    const auto release = [xc](xc_cpupoolinfo_t* info) { xc_cpupool_infofree(xc, info); };
    return std::unique_ptr<xc_cpupoolinfo_t, decltype(release)>{xc_cpupool_getinfo(xc, from),
                                                                release};
}

SchedulerTuning tuning_of(xc_interface* xc, std::uint32_t scheduler, std::uint32_t pool) {
    xen_sysctl_credit_schedule credit{};
    xen_sysctl_credit2_schedule credit2{};
    if (scheduler == XEN_SCHEDULER_CREDIT && xc_sched_credit_params_get(xc, pool, &credit) == 0)
        return {.tslice_ms = credit.tslice_ms,
                .ratelimit_us = credit.ratelimit_us,
                .migration_delay_us = credit.vcpu_migr_delay_us};
    if (scheduler == XEN_SCHEDULER_CREDIT2 && xc_sched_credit2_params_get(xc, pool, &credit2) == 0)
        return {.tslice_ms = {}, .ratelimit_us = credit2.ratelimit_us, .migration_delay_us = {}};
    return {};
}

[[noreturn]] void refuse(std::uint32_t pool, const SchedulerTuning& tuning, int err) {
    std::string wanted;
    const auto add = [&](const char* what, const std::optional<unsigned>& value) {
        if (value) wanted += fmt::format(" {} {}", what, *value);
    };
    add("tslice_ms", tuning.tslice_ms);
    add("ratelimit_us", tuning.ratelimit_us);
    add("migration_delay_us", tuning.migration_delay_us);
    if (err != EINVAL) throw_hypercall_error(fmt::format("scheduler_op of pool {}", pool), err);
    // [xen/include/public/sysctl.h; xen/common/sched/private.h]
    throw Error{Errc::invalid_config,
                fmt::format("the scheduler of CPU pool {} does not take{}", pool, wanted)}
        .with_hint("a time slice is 1 to 1000 ms, a rate limit 100 to 500000 us and no longer than "
                   "the slice (0: none), a migration delay 0 to 100000 us");
}

void tune_credit(xc_interface* xc, std::uint32_t pool, const SchedulerTuning& tuning) {
    xen_sysctl_credit_schedule now{};
    if (xc_sched_credit_params_get(xc, pool, &now) != 0) refuse(pool, {}, errno);
    now.tslice_ms = tuning.tslice_ms.value_or(now.tslice_ms);
    now.ratelimit_us = tuning.ratelimit_us.value_or(now.ratelimit_us);
    now.vcpu_migr_delay_us = tuning.migration_delay_us.value_or(now.vcpu_migr_delay_us);
    if (xc_sched_credit_params_set(xc, pool, &now) != 0) refuse(pool, tuning, errno);
}

void tune_credit2(xc_interface* xc, std::uint32_t pool, const SchedulerTuning& tuning) {
    xen_sysctl_credit2_schedule now{};
    if (xc_sched_credit2_params_get(xc, pool, &now) != 0) refuse(pool, {}, errno);
    now.ratelimit_us = tuning.ratelimit_us.value_or(now.ratelimit_us);
    if (xc_sched_credit2_params_set(xc, pool, &now) != 0) refuse(pool, tuning, errno);
}

/// What Xen's bare numbers mean here.   [xen/common/sched/cpupool.c cpupool_do_sysctl]
[[noreturn]] void throw_pool_error(const std::string& operation, std::uint32_t pool, int err) {
    if (err == ENOENT)
        throw Error{Errc::not_found, fmt::format("there is no CPU pool {}", pool), err};
    throw_hypercall_error(operation, err);
}

} // namespace

std::string scheduler_name(std::uint32_t id) {
    for (const Scheduler& known : kSchedulers)
        if (known.id == id) return std::string{known.name};
    return fmt::format("scheduler {}", id);
}

std::uint32_t scheduler_of_pool(xc_interface* xc, std::uint32_t pool) {
    const auto info = pool_info(xc, pool);
    if (!info && errno != ENOENT)
        throw_hypercall_error(fmt::format("cpupool_info of pool {}", pool), errno);
    if (!info || info->cpupool_id != pool) // Xen answers with the next one if there is none
        throw Error{Errc::not_found, fmt::format("there is no CPU pool {}", pool)};
    return info->sched_id;
}

std::vector<CpuPool> XenHostCpus::list_pools() {
    std::vector<CpuPool> pools;
    // Xen answers with the first at or after the one asked for.
    for (std::uint32_t next = 0;; next = pools.back().id + 1) {
        const auto raw = pool_info(xc_, next);
        if (!raw && errno == ENOENT) return pools;
        if (!raw) throw_hypercall_error(fmt::format("cpupool_info from pool {}", next), errno);
        const auto bytes = static_cast<std::size_t>(std::max(xc_get_cpumap_size(xc_), 0));
        pools.push_back({.id = raw->cpupool_id,
                         .scheduler = scheduler_name(raw->sched_id),
                         .cpus = bits_of({raw->cpumap, bytes}),
                         .domains = raw->n_dom,
                         .tuning = tuning_of(xc_, raw->sched_id, raw->cpupool_id)});
    }
}

std::uint32_t XenHostCpus::create_pool(const std::string& scheduler) {
    std::uint32_t pool = XC_CPUPOOL_POOLID_ANY;
    if (xc_cpupool_create(xc_, &pool, scheduler_id(scheduler)) == 0) return pool;
    const int err = errno;
    if (err == ENOENT || err == EINVAL) // as sched/core.c scheduler_alloc has it
        throw Error{Errc::unsupported, fmt::format("this Xen has no scheduler {}", scheduler), err}
            .with_hint("credit and credit2 are in every build, others if they were chosen for it");
    throw_hypercall_error(fmt::format("cpupool_create with {}", scheduler), err);
}

void XenHostCpus::destroy_pool(std::uint32_t pool) {
    if (xc_cpupool_destroy(xc_, pool) != 0)
        throw_pool_error(fmt::format("cpupool_destroy of pool {}", pool), pool, errno);
}

void XenHostCpus::add_cpu(std::uint32_t pool, unsigned cpu) {
    if (xc_cpupool_addcpu(xc_, pool, static_cast<int>(cpu)) != 0)
        throw_pool_error(fmt::format("cpupool_addcpu of CPU {} to pool {}", cpu, pool), pool,
                         errno);
}

void XenHostCpus::remove_cpu(std::uint32_t pool, unsigned cpu) {
    if (xc_cpupool_removecpu(xc_, pool, static_cast<int>(cpu)) == 0) return;
    const int err = errno;
    // The last one of a pool with domains, or one that a domain is pinned to; CPU 0 is Xen's own in
    // 4.17 and later, which says EINVAL.
    if (err == EBUSY || (err == EINVAL && cpu == 0))
        throw Error{Errc::bad_state, fmt::format("CPU {} is needed in CPU pool {}", cpu, pool), err}
            .with_hint(
                "a pool with domains keeps a CPU, and each of their vCPUs one it may run on: "
                "see pvhctl vcpu-list, and move domains by cpupool-migrate");
    throw_pool_error(fmt::format("cpupool_rmcpu of CPU {} from pool {}", cpu, pool), pool, err);
}

void XenHostCpus::move_domain(DomId dom, std::uint32_t pool) {
    if (xc_cpupool_movedomain(xc_, pool, dom.value()) != 0)
        throw_pool_error(fmt::format("cpupool_movedomain of {} to pool {}", dom, pool), pool,
                         errno);
}

void XenHostCpus::tune(std::uint32_t pool, const SchedulerTuning& tuning) {
    const std::uint32_t scheduler = scheduler_of_pool(xc_, pool);
    const bool is_credits = tuning.tslice_ms || tuning.migration_delay_us;
    if (scheduler == XEN_SCHEDULER_CREDIT) return tune_credit(xc_, pool, tuning);
    if (scheduler == XEN_SCHEDULER_CREDIT2 && !is_credits) return tune_credit2(xc_, pool, tuning);
    throw Error{Errc::unsupported,
                fmt::format("CPU pool {} runs {}, which has no {}", pool, scheduler_name(scheduler),
                            is_credits ? "time slice and no migration delay" : "rate limit")};
}

std::vector<std::optional<CpuPlace>> XenHostCpus::topology() {
    unsigned count = 0;
    if (xc_cputopoinfo(xc_, &count, nullptr) != 0)
        throw_hypercall_error("cputopoinfo for its size", errno);
    std::vector<xc_cputopo_t> raw(count);
    if (xc_cputopoinfo(xc_, &count, raw.data()) != 0) throw_hypercall_error("cputopoinfo", errno);
    raw.resize(std::min<std::size_t>(count, raw.size())); // CPUs may have gone meanwhile
    std::vector<std::optional<CpuPlace>> places;
    const auto known = [](std::uint32_t id) { // all the invalid numbers are the same
        return id == XEN_INVALID_CORE_ID ? std::nullopt : std::optional{unsigned{id}};
    };
    for (const xc_cputopo_t& cpu : raw) {
        const auto node = known(cpu.node); // none: it is not online
        places.push_back(node ? std::optional{CpuPlace{.core = known(cpu.core),
                                                       .socket = known(cpu.socket),
                                                       .node = *node}}
                              : std::nullopt);
    }
    return places;
}

std::vector<NodeInfo> XenHostCpus::nodes() {
    unsigned count = 0;
    if (xc_numainfo(xc_, &count, nullptr, nullptr) != 0)
        throw_hypercall_error("numainfo for its size", errno);
    std::vector<xc_meminfo_t> memory(count);
    std::vector<std::uint32_t> distances(std::size_t{count} * count);
    unsigned told = count;
    if (xc_numainfo(xc_, &told, memory.data(), distances.data()) != 0)
        throw_hypercall_error("numainfo", errno);
    std::vector<NodeInfo> nodes;
    for (unsigned id = 0; id < std::min(told, count); ++id) {
        if (memory[id].memsize == XEN_INVALID_MEM_SZ) continue;
        const auto row = distances.begin() + static_cast<std::ptrdiff_t>(std::size_t{id} * told);
        nodes.push_back({.id = id,
                         .size_bytes = memory[id].memsize,
                         .free_bytes = memory[id].memfree,
                         .distances = {row, row + told}});
    }
    return nodes;
}

std::vector<std::optional<unsigned>> XenHostCpus::nodes_of(std::span<const PciAddress> devices) {
    std::vector<physdev_pci_device_t> raw;
    for (const PciAddress& device : devices)
        raw.push_back({.seg = device.segment, .bus = device.bus, .devfn = device.devfn});
    std::vector<std::uint32_t> told(devices.size(), XEN_INVALID_NODE_ID);
    if (!raw.empty() &&
        xc_pcitopoinfo(xc_, static_cast<unsigned>(raw.size()), raw.data(), told.data()) != 0)
        throw_hypercall_error("pcitopoinfo", errno);
    std::vector<std::optional<unsigned>> nodes;
    for (const std::uint32_t node : told) { // XEN_INVALID_DEV: Xen does not know the device
        const bool is_known = node != XEN_INVALID_NODE_ID && node != XEN_INVALID_DEV;
        nodes.push_back(is_known ? std::optional{unsigned{node}} : std::nullopt);
    }
    return nodes;
}

std::vector<bool> XenHostCpus::node_affinity(DomId dom) {
    const int bytes = xc_get_nodemap_size(xc_);
    if (bytes <= 0) throw_hypercall_error("physinfo for the size of a node map", errno);
    std::vector<std::uint8_t> map(static_cast<std::size_t>(bytes));
    if (xc_domain_node_getaffinity(xc_, dom.value(), map.data()) != 0)
        throw_hypercall_error(fmt::format("getnodeaffinity of {}", dom), errno);
    return bits_of(map);
}

} // namespace pvh::xen
