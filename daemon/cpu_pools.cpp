// SPDX-License-Identifier: LGPL-2.1-or-later
// cpupool.* and domain.set_cpupool
#include "libdomain/cpu_pools.h"

#include "config/read_device.h"
#include "daemon/act.h"
#include "daemon/select.h"
#include "daemon/status.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/domain.h"
#include "rpc/protocol_error.h"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace pvh::daemon::verbs {

namespace {

std::vector<unsigned> cpus_of(const CpuMask& mask) {
    std::vector<unsigned> cpus;
    for (unsigned cpu = 0; cpu < mask.size(); ++cpu)
        if (mask[cpu]) cpus.push_back(cpu);
    return cpus;
}

rpc::CpuPoolStatus status_of(const NamedPool& named) {
    const xen::CpuPool& pool = named.pool;
    return {.id = pool.id,
            .name = guest_text(named.name),
            .scheduler = pool.scheduler,
            .cpus = cpus_of(pool.cpus),
            .domains = pool.domains,
            .tslice_ms = pool.tuning.tslice_ms,
            .ratelimit_us = pool.tuning.ratelimit_us,
            .migration_delay_us = pool.tuning.migration_delay_us};
}

/// The texts are the client's: read before anything is changed.
std::optional<CpuList> read_cpus(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    return config::read_cpu_list(*text);
}

CpuMask resolve(xen::Hypervisor& hv, const CpuList& cpus) {
    return resolve_cpus(cpus, "the list of CPUs", hv.cpu_nodes());
}

rpc::CpuPoolStatus create_one(WorkerContext& context, const rpc::CreateCpuPoolParams& params,
                              const std::optional<CpuList>& list) {
    xen::Hypervisor& hv = context.hypervisor;
    const CpuMask wanted = list ? resolve(hv, *list) : CpuMask{};
    const std::string scheduler =
        params.scheduler.empty() ? hv.host_info().scheduler : params.scheduler;
    return status_of(
        pvh::create_cpu_pool(hv.host_cpus(), context.store, params.name, scheduler, wanted));
}

rpc::CpuPoolStatus destroy_one(WorkerContext& context, const std::string& pool) {
    xen::HostCpus& cpus = context.hypervisor.host_cpus();
    const NamedPool named = find_pool(cpus, context.store, pool);
    pvh::destroy_cpu_pool(cpus, context.store, named);
    return status_of(named);
}

struct PoolChange {
    rpc::UpdateCpuPoolParams params;
    std::optional<CpuList> added, removed;
};

struct Updated {
    std::string former_name;
    rpc::CpuPoolStatus status;
};

/// More than one could end half-way.
void require_one_change(const rpc::UpdateCpuPoolParams& params) {
    const bool tunes = params.tslice_ms || params.ratelimit_us || params.migration_delay_us;
    const std::array changes{params.new_name.has_value(), params.add_cpus.has_value(),
                             params.remove_cpus.has_value(), tunes};
    if (std::count(changes.begin(), changes.end(), true) == 1) return;
    throw rpc::InvalidParams{R"(one is needed of "new_name", "add_cpus", "remove_cpus", and )"
                             "the parameters of the scheduler"};
}

Updated update_one(WorkerContext& context, const PoolChange& change) {
    xen::Hypervisor& hv = context.hypervisor;
    xen::HostCpus& cpus = hv.host_cpus();
    const rpc::UpdateCpuPoolParams& params = change.params;
    const NamedPool pool = find_pool(cpus, context.store, params.pool);
    if (change.added) add_cpus(cpus, context.store, pool, resolve(hv, *change.added));
    if (change.removed) remove_cpus(cpus, pool, resolve(hv, *change.removed));
    if (params.tslice_ms || params.ratelimit_us || params.migration_delay_us)
        cpus.tune(pool.pool.id, {.tslice_ms = params.tslice_ms,
                                 .ratelimit_us = params.ratelimit_us,
                                 .migration_delay_us = params.migration_delay_us});
    if (params.new_name) rename_cpu_pool(cpus, context.store, pool, *params.new_name);
    return {.former_name = pool.name,
            .status =
                status_of(find_pool(cpus, context.store, params.new_name.value_or(params.pool)))};
}

/// Who works on a domain has its spec, and may be about to look for the pool by its name.
void require_nobody_works_with(const Toolstack& toolstack, const std::string& pool) {
    for (const auto& [uuid, operation] : toolstack.registry.operations()) {
        const auto stored = toolstack.states.find(uuid);
        if (!stored || stored->spec.pool != pool) continue;
        throw Error{Errc::busy,
                    fmt::format("\"{}\", whose config names the pool, is busy: {} is under way",
                                printable(stored->spec.name), to_string(operation.op))}
            .with_hint("try again when that is done");
    }
}

/// What names it in a config would not find it in the domain's next life.
void rename_in_specs(Toolstack& toolstack, const std::string& from, const std::string& to) {
    std::vector<Record> managed;
    for (const auto& [id, record] : toolstack.registry.records())
        if (record.is_managed()) managed.push_back(record);
    for (Record& record : managed) {
        if (auto next = toolstack.states.load_next(record.domain.uuid);
            next && next->pool == from) {
            next->pool = to;
            toolstack.states.save_next(*next);
        }
        if (record.spec->pool != from) continue;
        record.spec->pool = to;
        keep_spec(toolstack, record.domain, *std::move(record.spec));
    }
}

using PoolJob = std::function<rpc::CpuPoolStatus(WorkerContext&)>;

QuickJob move_job(Domain domain, const std::string& pool, std::shared_ptr<std::string> name) {
    return [domain, pool, name = std::move(name)](WorkerContext& context) {
        require_alive(context.hypervisor, domain);
        xen::HostCpus& cpus = context.hypervisor.host_cpus();
        const NamedPool target = find_pool(cpus, context.store, pool);
        move_to_cpu_pool(cpus, domain.id, target);
        *name = target.name;
    };
}

} // namespace

Task<rpc::CpuPoolsResult> list_cpu_pools(Call call, rpc::NoParams /*params*/) {
    std::function<rpc::CpuPoolsResult(WorkerContext&)> job = [](WorkerContext& context) {
        rpc::CpuPoolsResult result;
        for (const NamedPool& pool :
             pvh::list_cpu_pools(context.hypervisor.host_cpus(), context.store))
            result.pools.push_back(status_of(pool));
        return result;
    };
    co_return co_await call.toolstack.queries.run(std::move(job));
}

Task<rpc::CpuPoolStatus> create_cpu_pool(Call call, rpc::CreateCpuPoolParams params) {
    auto list = read_cpus(params.cpus);
    PoolJob job = [params = std::move(params), list = std::move(list)](WorkerContext& context) {
        return create_one(context, params, list);
    };
    const rpc::CpuPoolStatus made = co_await call.toolstack.queries.run(std::move(job));
    log::info("CPU pool {} \"{}\" made, of {} CPUs", made.id, printable(made.name),
              made.cpus.size());
    co_return made;
}

Task<rpc::CpuPoolStatus> destroy_cpu_pool(Call call, rpc::CpuPoolParams params) {
    PoolJob job = [pool = std::move(params.pool)](WorkerContext& context) {
        return destroy_one(context, pool);
    };
    const rpc::CpuPoolStatus gone = co_await call.toolstack.queries.run(std::move(job));
    log::info("CPU pool {} \"{}\" ended", gone.id, printable(gone.name));
    co_return gone;
}

Task<rpc::CpuPoolStatus> update_cpu_pool(Call call, rpc::UpdateCpuPoolParams params) {
    Toolstack& toolstack = call.toolstack;
    require_one_change(params);
    PoolChange change{.params = params,
                      .added = read_cpus(params.add_cpus),
                      .removed = read_cpus(params.remove_cpus)};
    if (params.new_name) {
        std::function<NamedPool(WorkerContext&)> find = [pool =
                                                             params.pool](WorkerContext& context) {
            return find_pool(context.hypervisor.host_cpus(), context.store, pool);
        };
        const NamedPool pool = co_await toolstack.queries.run(std::move(find));
        require_nobody_works_with(toolstack, pool.name);
    }
    std::function<Updated(WorkerContext&)> job = [change =
                                                      std::move(change)](WorkerContext& context) {
        return update_one(context, change);
    };
    Updated updated = co_await toolstack.queries.run(std::move(job));
    if (params.new_name) rename_in_specs(toolstack, updated.former_name, updated.status.name);
    co_return std::move(updated.status);
}

Task<rpc::Identity> set_cpu_pool(Call call, rpc::SetCpuPoolParams params) {
    Toolstack& toolstack = call.toolstack;
    auto name = std::make_shared<std::string>();
    std::function<QuickJob(Domain)> make_job = [pool = params.pool, name](Domain domain) {
        return move_job(domain, pool, name);
    };
    const Record record =
        co_await act(call, std::move(params.domain), Op::set_cpupool, std::move(make_job));
    if (const Record* now = toolstack.registry.find(record.domain.uuid);
        now != nullptr && now->spec) {
        DomainSpec spec = *now->spec; // its next life is there as well
        spec.pool = name->empty() ? params.pool : *name;
        keep_spec(toolstack, record.domain, std::move(spec));
    }
    co_return identity_of(record);
}

} // namespace pvh::daemon::verbs
