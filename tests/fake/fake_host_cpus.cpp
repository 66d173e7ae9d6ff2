// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"
#include "tests/fake/fake_xen.h"

#include <algorithm>

#include <fmt/format.h>

namespace pvh::fake {

namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

constexpr unsigned kCpus = 5; // the last is not online

Error no_pool(std::uint32_t id) {
    return {Errc::not_found, fmt::format("there is no CPU pool {}", id)};
}

} // namespace

FakePool& FakeHostCpus::pool(std::uint32_t id) {
    const auto found = xen_.cpu_pools.find(id);
    if (found == xen_.cpu_pools.end()) throw no_pool(id);
    return found->second;
}

std::vector<xen::CpuPool> FakeHostCpus::list_pools() {
    const Lock lock{xen_.mutex};
    xen_.enter("list_pools");
    std::vector<xen::CpuPool> pools;
    for (const auto& [id, fake] : xen_.cpu_pools) {
        xen::CpuPool pool{.id = id, .scheduler = fake.scheduler, .cpus = CpuMask(kCpus)};
        for (const unsigned cpu : fake.cpus)
            pool.cpus[cpu] = true;
        for (const auto& [dom, domain] : xen_.domains)
            pool.domains += domain.args.cpupool == id ? 1 : 0;
        pool.tuning = fake.tuning;
        pools.push_back(std::move(pool));
    }
    return pools;
}

std::uint32_t FakeHostCpus::create_pool(const std::string& scheduler) {
    const Lock lock{xen_.mutex};
    xen_.enter("create_pool");
    if (scheduler != "credit" && scheduler != "credit2")
        throw Error{Errc::unsupported, "this Xen has no scheduler " + scheduler};
    const std::uint32_t id = xen_.cpu_pools.rbegin()->first + 1;
    xen_.cpu_pools[id].scheduler = scheduler;
    return id;
}

void FakeHostCpus::destroy_pool(std::uint32_t id) {
    const Lock lock{xen_.mutex};
    xen_.enter("destroy_pool");
    if (!pool(id).cpus.empty()) throw Error{Errc::xen_error, "the pool has CPUs"};
    xen_.cpu_pools.erase(id);
}

void FakeHostCpus::add_cpu(std::uint32_t id, unsigned cpu) {
    const Lock lock{xen_.mutex};
    xen_.enter("add_cpu");
    for (const auto& [other, fake] : xen_.cpu_pools)
        if (fake.cpus.count(cpu) > 0) throw Error{Errc::xen_error, "the CPU is in a pool"};
    pool(id).cpus.insert(cpu);
}

void FakeHostCpus::remove_cpu(std::uint32_t id, unsigned cpu) {
    const Lock lock{xen_.mutex};
    xen_.enter("remove_cpu");
    const bool is_used = std::any_of(xen_.domains.begin(), xen_.domains.end(),
                                     [&](const auto& d) { return d.second.args.cpupool == id; });
    if (is_used && pool(id).cpus.size() == 1)
        throw Error{Errc::bad_state, fmt::format("CPU {} is needed in CPU pool {}", cpu, id)};
    if (pool(id).cpus.erase(cpu) == 0) throw Error{Errc::xen_error, "the CPU is not in the pool"};
    if (cpu == xen_.busy_cpu) throw Error{Errc::busy, "a vCPU cannot leave the CPU"};
}

void FakeHostCpus::move_domain(DomId dom, std::uint32_t id) {
    const Lock lock{xen_.mutex};
    xen_.enter("move_domain");
    if (pool(id).cpus.empty()) throw no_pool(id);
    xen_.domain(dom).args.cpupool = id;
}

void FakeHostCpus::tune(std::uint32_t id, const xen::SchedulerTuning& tuning) {
    const Lock lock{xen_.mutex};
    xen_.enter("tune");
    if (pool(id).scheduler != "credit" && (tuning.tslice_ms || tuning.migration_delay_us))
        throw Error{Errc::unsupported, "that scheduler has no time slice"};
    xen::SchedulerTuning& now = pool(id).tuning;
    if (tuning.tslice_ms) now.tslice_ms = tuning.tslice_ms;
    if (tuning.ratelimit_us) now.ratelimit_us = tuning.ratelimit_us;
    if (tuning.migration_delay_us) now.migration_delay_us = tuning.migration_delay_us;
}

std::vector<std::optional<xen::CpuPlace>> FakeHostCpus::topology() {
    const Lock lock{xen_.mutex};
    xen_.enter("topology");
    std::vector<std::optional<xen::CpuPlace>> places(kCpus);
    for (unsigned cpu = 0; cpu < kCpus - 1; ++cpu)
        places[cpu] = {.core = cpu % 2, .socket = cpu / 2, .node = cpu / 2};
    return places;
}

std::vector<xen::NodeInfo> FakeHostCpus::nodes() {
    const Lock lock{xen_.mutex};
    xen_.enter("nodes");
    return {{.id = 0, .size_bytes = 4ULL << 30, .free_bytes = 1ULL << 30, .distances = {10, 20}},
            {.id = 1, .size_bytes = 4ULL << 30, .free_bytes = 2ULL << 30, .distances = {20, 10}}};
}

std::vector<std::optional<unsigned>>
FakeHostCpus::nodes_of(std::span<const xen::PciAddress> devices) {
    const Lock lock{xen_.mutex};
    xen_.enter("nodes_of");
    return std::vector<std::optional<unsigned>>(devices.size());
}

std::vector<bool> FakeHostCpus::node_affinity(DomId /*dom*/) {
    const Lock lock{xen_.mutex};
    xen_.enter("node_affinity");
    return {true, true};
}

} // namespace pvh::fake
