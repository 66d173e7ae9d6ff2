// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.scheduling and domain.set_scheduling
#include "daemon/act.h"
#include "daemon/select.h"
#include "daemon/status.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/domain.h"
#include "rpc/protocol_error.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon::verbs {

namespace {

using Pools = std::vector<xen::CpuPool>;
using Infos = std::vector<xen::DomainInfo>;

struct Sight {
    xen::DomainInfo info;
    xen::Scheduling scheduling;
    std::vector<bool> node_affinity;
};

struct Sights {
    Pools pools;
    std::size_t nodes; // of the host
    std::vector<Sight> domains;
};

/// Domains that end meanwhile are left out.
Sights see(xen::Hypervisor& hv, const Infos& infos) {
    xen::HostCpus& cpus = hv.host_cpus();
    Sights sights{.pools = cpus.list_pools(), .nodes = cpus.nodes().size(), .domains = {}};
    for (const xen::DomainInfo& info : infos) {
        try {
            sights.domains.push_back(
                {info, hv.scheduling(info.id, info.cpupool), cpus.node_affinity(info.id)});
        } catch (const Error& e) {
            if (e.code() != Errc::not_found) throw;
        }
    }
    return sights;
}

std::string scheduler_of(const Pools& pools, std::uint32_t id) {
    const auto found = std::find_if(pools.begin(), pools.end(),
                                    [&](const xen::CpuPool& pool) { return pool.id == id; });
    return found == pools.end() ? std::string{} : found->scheduler;
}

rpc::DomainScheduling status_of(const rpc::Identity& domain, const Sight& sight,
                                const Sights& all) {
    return {.domain = domain,
            .cpupool = sight.info.cpupool,
            .scheduler = scheduler_of(all.pools, sight.info.cpupool),
            .weight = sight.scheduling.weight,
            .cap = sight.scheduling.cap,
            .node_affinity = list_text(sight.node_affinity, all.nodes)};
}

Task<std::function<Sights(WorkerContext&)>> make_job(Toolstack& toolstack, rpc::Selector domain) {
    if (domain.is_empty()) {
        auto infos = co_await list_domains(toolstack);
        co_return [infos = std::move(infos)](WorkerContext& context) {
            return see(context.hypervisor, infos);
        };
    }
    const Record record = co_await find_domain(toolstack, std::move(domain));
    co_return [domain = record.domain](WorkerContext& context) {
        return see(context.hypervisor, {require_alive(context.hypervisor, domain)});
    };
}

/// What Xen takes; it would say no more than EINVAL.   [libxl_sched.c sched_credit_domain_set]
void require_in_bounds(const rpc::SetSchedulingParams& params) {
    if (!params.weight && !params.cap)
        throw rpc::InvalidParams{R"(one of "weight" and "cap" is needed)"};
    if (params.weight && (*params.weight < 1 || *params.weight > 65535))
        throw Error{Errc::invalid_config,
                    fmt::format("a weight is 1 to 65535, and {} is wanted", *params.weight)};
    if (params.cap && *params.cap > 65535)
        throw Error{Errc::invalid_config,
                    fmt::format("a cap of {} is more than any domain can use", *params.cap)};
}

void require_cap_in_bounds(const xen::DomainInfo& info, const xen::Scheduling& wanted) {
    const unsigned most = (info.max_vcpu_id + 1) * 100;
    if (wanted.cap.value_or(0) <= most) return;
    throw Error{
        Errc::invalid_config,
        fmt::format("a cap of {} is wanted, and {} can use {} at most", *wanted.cap, info.id, most)}
        .with_hint("it is in percent of one CPU: 100 for each vCPU; 0 is no limit");
}

Sights set_and_look(xen::Hypervisor& hv, const Domain& domain, const xen::Scheduling& wanted) {
    const auto info = require_alive(hv, domain);
    require_cap_in_bounds(info, wanted);
    hv.set_scheduling(domain.id, info.cpupool, wanted);
    return see(hv, {info});
}

std::optional<std::uint16_t> narrowed(const std::optional<unsigned>& value) {
    if (!value) return std::nullopt;
    return static_cast<std::uint16_t>(*value);
}

} // namespace

Task<rpc::SchedulingResult> scheduling(Call call, rpc::SchedulingParams params) {
    Toolstack& toolstack = call.toolstack;
    auto job = co_await make_job(toolstack, std::move(params.domain));
    const Sights sights = co_await toolstack.queries.run(std::move(job));
    rpc::SchedulingResult result;
    for (const Sight& sight : sights.domains)
        result.domains.push_back(
            status_of(make_status(sight.info, toolstack.registry).domain, sight, sights));
    co_return result;
}

Task<rpc::DomainScheduling> set_scheduling(Call call, rpc::SetSchedulingParams params) {
    Toolstack& toolstack = call.toolstack;
    require_in_bounds(params);
    const Record record = co_await find_domain(toolstack, std::move(params.domain));
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::set_scheduling, call.peer->describe());
    const xen::Scheduling wanted{.weight = narrowed(params.weight), .cap = narrowed(params.cap)};
    std::function<Sights(WorkerContext&)> job = [domain = record.domain,
                                                 wanted](WorkerContext& context) {
        return set_and_look(context.hypervisor, domain, wanted);
    };
    const Sights sights = co_await run_on_domain(toolstack, std::move(job));
    co_return status_of(identity_of(record), sights.domains.at(0), sights);
}

} // namespace pvh::daemon::verbs
