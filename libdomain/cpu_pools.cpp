// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/cpu_pools.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/core/uuid.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

namespace pvh {

namespace {

std::string path_of(std::uint32_t pool) {
    return fmt::format("/local/pool/{}", pool);
}

std::vector<unsigned> numbers_of(const CpuMask& mask) {
    std::vector<unsigned> cpus;
    for (unsigned cpu = 0; cpu < mask.size(); ++cpu)
        if (mask[cpu]) cpus.push_back(cpu);
    return cpus;
}

bool has(const CpuMask& mask, unsigned cpu) {
    return cpu < mask.size() && mask[cpu];
}

std::string title_of(const NamedPool& pool) {
    return pool.name.empty() ? fmt::format("CPU pool {}", pool.pool.id)
                             : fmt::format("CPU pool \"{}\"", pool.name);
}

/// A number would be taken for that of a pool.
void require_pool_name(const std::string& name) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto is_odd = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    std::string complaint;
    if (name.empty() || name.size() > 255)
        complaint = "has 1 to 255 bytes";
    else if (std::any_of(name.begin(), name.end(), is_odd))
        complaint = "has no control characters";
    else if (std::all_of(name.begin(), name.end(), is_digit))
        complaint = "is not made of digits alone: it could not be told from a number";
    if (!complaint.empty())
        throw Error{Errc::invalid_config, "the name of a CPU pool " + complaint};
}

void require_free_name(xen::HostCpus& cpus, xen::Store& store, const std::string& name) {
    require_pool_name(name);
    for (const NamedPool& other : list_cpu_pools(cpus, store))
        if (other.name == name)
            throw Error{Errc::already_exists,
                        fmt::format("there is a CPU pool \"{}\", number {}", name, other.pool.id)};
}

/// Xen says ENODEV to all of it.   [xen/common/sched/cpupool.c]
void require_free_cpus(xen::HostCpus& cpus, xen::Store& store, const CpuMask& wanted) {
    const auto online = cpus.topology();
    const auto pools = list_cpu_pools(cpus, store);
    for (const unsigned cpu : numbers_of(wanted)) {
        if (cpu >= online.size() || !online[cpu])
            throw Error{Errc::bad_state, fmt::format("CPU {} is not online", cpu)};
        for (const NamedPool& pool : pools)
            if (has(pool.pool.cpus, cpu))
                throw Error{Errc::bad_state, fmt::format("CPU {} is in {}", cpu, title_of(pool))}
                    .with_hint(fmt::format("pvhctl cpupool-cpu-remove {} {} makes it free",
                                           pool.name.empty() ? "0" : pool.name, cpu));
    }
}

/// Does something with each CPU; if that fails, the opposite with those before, the last first.
void do_with_all(const std::vector<unsigned>& cpus, const std::function<void(unsigned)>& act,
                 const std::function<void(unsigned)>& undo) {
    std::size_t done = 0;
    try {
        for (; done < cpus.size(); ++done)
            act(cpus[done]);
    } catch (const Error&) {
        while (done > 0) {
            try {
                undo(cpus[--done]);
            } catch (const Error& e) {
                log::warn("CPU {} stays as it is: {}", cpus[done], e.what());
            }
        }
        throw;
    }
}

/// A vCPU that cannot leave a CPU stops Xen half-way: the CPU is then in no pool, and no other can
/// leave its own until this one is back.   [xen/common/sched/cpupool.c cpupool_unassign_cpu_start]
void remove_or_keep(xen::HostCpus& cpus, const NamedPool& pool, unsigned cpu) {
    try {
        cpus.remove_cpu(pool.pool.id, cpu);
    } catch (const Error&) {
        try {
            cpus.add_cpu(pool.pool.id, cpu);
        } catch (const Error& e) { // as a rule it has never left
            log::debug("CPU {} back to {}: {}", cpu, title_of(pool), e.what());
        }
        throw;
    }
}

/// Of a pool that could not be finished.
void give_up(xen::HostCpus& cpus, const NamedPool& pool) {
    try {
        remove_cpus(cpus, pool, pool.pool.cpus);
        cpus.destroy_pool(pool.pool.id);
    } catch (const Error& e) {
        log::warn("{} is left behind: {}", title_of(pool), e.what());
    }
}

void write_nodes(xen::Store& store, std::uint32_t pool, const std::string& name) {
    store.transact([&](xen::Store& t) {
        t.write(path_of(pool) + "/uuid", to_string(random_uuid()));
        t.write(path_of(pool) + "/name", name);
    });
}

} // namespace

std::vector<NamedPool> list_cpu_pools(xen::HostCpus& cpus, xen::Store& store) {
    std::vector<NamedPool> named;
    for (xen::CpuPool& pool : cpus.list_pools()) {
        auto name = store.read(path_of(pool.id) + "/name");
        named.push_back({.pool = std::move(pool), .name = std::move(name).value_or("")});
    }
    return named;
}

NamedPool find_pool(xen::HostCpus& cpus, xen::Store& store, const std::string& pool) {
    std::vector<NamedPool> pools = list_cpu_pools(cpus, store);
    const auto find = [&](const auto& is_it) {
        return std::find_if(pools.begin(), pools.end(), is_it);
    };
    auto found = find([&](const NamedPool& one) { return one.name == pool; });
    if (found == pools.end())
        found = find([&](const NamedPool& one) { return fmt::format("{}", one.pool.id) == pool; });
    if (found != pools.end()) return std::move(*found);
    std::string known;
    for (const NamedPool& one : pools)
        known += fmt::format("{}{} ({})", known.empty() ? "" : ", ", one.name, one.pool.id);
    throw Error{Errc::not_found, fmt::format("there is no CPU pool \"{}\"", pool)}.with_hint(
        fmt::format("there are: {}", known));
}

NamedPool create_cpu_pool(xen::HostCpus& cpus, xen::Store& store, const std::string& name,
                          const std::string& scheduler, const CpuMask& wanted) {
    require_free_name(cpus, store, name);
    require_free_cpus(cpus, store, wanted);
    NamedPool pool{.pool = {.id = cpus.create_pool(scheduler), .scheduler = scheduler, .cpus = {}},
                   .name = name};
    ScopeExit undo{[&] { give_up(cpus, pool); }};
    add_cpus(cpus, store, pool, wanted);
    pool.pool.cpus = wanted;
    write_nodes(store, pool.pool.id, name);
    undo.dismiss();
    return find_pool(cpus, store, name);
}

void destroy_cpu_pool(xen::HostCpus& cpus, xen::Store& store, const NamedPool& pool) {
    if (pool.pool.id == 0)
        throw Error{Errc::bad_state, title_of(pool) + " is the one that Xen starts with"}.with_hint(
            "it cannot be ended");
    if (pool.pool.domains > 0)
        throw Error{Errc::bad_state,
                    fmt::format("{} has {} domains", title_of(pool), pool.pool.domains)}
            .with_hint("pvhctl cpupool-migrate moves a domain to another pool");
    remove_cpus(cpus, pool, pool.pool.cpus);
    try {
        cpus.destroy_pool(pool.pool.id);
    } catch (const Error&) { // a domain came meanwhile
        add_cpus(cpus, store, pool, pool.pool.cpus);
        throw;
    }
    store.remove(path_of(pool.pool.id));
}

void rename_cpu_pool(xen::HostCpus& cpus, xen::Store& store, const NamedPool& pool,
                     const std::string& name) {
    if (name == pool.name) return;
    require_free_name(cpus, store, name);
    store.write(path_of(pool.pool.id) + "/name", name);
}

void add_cpus(xen::HostCpus& cpus, xen::Store& store, const NamedPool& pool,
              const CpuMask& wanted) {
    require_free_cpus(cpus, store, wanted);
    do_with_all(
        numbers_of(wanted), [&](unsigned cpu) { cpus.add_cpu(pool.pool.id, cpu); },
        [&](unsigned cpu) { cpus.remove_cpu(pool.pool.id, cpu); });
}

void remove_cpus(xen::HostCpus& cpus, const NamedPool& pool, const CpuMask& wanted) {
    for (const unsigned cpu : numbers_of(wanted))
        if (!has(pool.pool.cpus, cpu))
            throw Error{Errc::bad_state, fmt::format("CPU {} is not in {}", cpu, title_of(pool))};
    do_with_all(
        numbers_of(wanted), [&](unsigned cpu) { remove_or_keep(cpus, pool, cpu); },
        [&](unsigned cpu) { cpus.add_cpu(pool.pool.id, cpu); });
}

void move_to_cpu_pool(xen::HostCpus& cpus, DomId dom, const NamedPool& pool) {
    if (numbers_of(pool.pool.cpus).empty())
        throw Error{Errc::bad_state, title_of(pool) + " has no CPU for it to run on"}.with_hint(
            "pvhctl cpupool-cpu-add gives it one");
    cpus.move_domain(dom, pool.pool.id);
}

} // namespace pvh
