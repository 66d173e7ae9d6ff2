// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.vcpus and domain.vcpu_state
#include "daemon/select.h"
#include "daemon/status.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/domain.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon::verbs {

namespace {

rpc::VcpuStatus status_of(const xen::VcpuInfo& vcpu, std::size_t host_cpus) {
    return {.vcpu = vcpu.id,
            .online = vcpu.is_online,
            .blocked = vcpu.is_blocked,
            .running = vcpu.is_running,
            .cpu = vcpu.cpu,
            .cpu_time_ns = vcpu.cpu_time_ns,
            .hard_affinity = list_text(vcpu.hard_affinity, host_cpus),
            .soft_affinity = list_text(vcpu.soft_affinity, host_cpus)};
}

std::vector<rpc::VcpuStatus> vcpus_of(xen::Hypervisor& hv, DomId dom, std::size_t host_cpus) {
    std::vector<rpc::VcpuStatus> statuses;
    for (const xen::VcpuInfo& vcpu : hv.list_vcpus(dom))
        statuses.push_back(status_of(vcpu, host_cpus));
    return statuses;
}

struct Sight {
    xen::DomainInfo info;
    std::vector<rpc::VcpuStatus> vcpus;
};

using Sights = std::vector<Sight>;

/// Domains that end meanwhile are left out.
Sights see_all(xen::Hypervisor& hv, const std::vector<xen::DomainInfo>& infos,
               std::size_t host_cpus) {
    Sights sights;
    for (const xen::DomainInfo& info : infos) {
        try {
            sights.push_back({info, vcpus_of(hv, info.id, host_cpus)});
        } catch (const Error& e) {
            if (e.code() != Errc::not_found) throw;
        }
    }
    return sights;
}

Sights see_one(xen::Hypervisor& hv, const Domain& domain, std::size_t host_cpus) {
    return {{require_alive(hv, domain), vcpus_of(hv, domain.id, host_cpus)}};
}

/// What is to be done on a worker to see the domain that `params` name, or all.
Task<std::function<Sights(WorkerContext&)>> make_job(Toolstack& toolstack,
                                                     rpc::VcpusParams params) {
    const std::size_t host_cpus = toolstack.host_facts->max_cpu_id + 1UL;
    if (params.domain.is_empty()) {
        auto infos = co_await list_domains(toolstack);
        co_return [infos = std::move(infos), host_cpus](WorkerContext& context) {
            return see_all(context.hypervisor, infos, host_cpus);
        };
    }
    const Record record = co_await find_domain(toolstack, std::move(params.domain));
    co_return [domain = record.domain, host_cpus](WorkerContext& context) {
        return see_one(context.hypervisor, domain, host_cpus);
    };
}

} // namespace

Task<rpc::VcpusResult> vcpus(Call call, rpc::VcpusParams params) {
    Toolstack& toolstack = call.toolstack;
    if (!params.domain.is_empty() && is_between_lives(toolstack.registry, params.domain))
        co_return rpc::VcpusResult{};
    auto job = co_await make_job(toolstack, std::move(params));
    Sights sights = co_await toolstack.queries.run(std::move(job));
    rpc::VcpusResult result;
    for (Sight& sight : sights)
        result.domains.push_back(
            {make_status(sight.info, toolstack.registry).domain, std::move(sight.vcpus)});
    co_return result;
}

Task<rpc::VcpuStateResult> vcpu_state(Call call, rpc::VcpuStateParams params) {
    Toolstack& toolstack = call.toolstack;
    const Record record = co_await find_guest(toolstack, std::move(params.domain));
    std::function<VcpuState(WorkerContext&)> job = [domain = record.domain,
                                                    vcpu = params.vcpu](WorkerContext& context) {
        const auto info = require_alive(context.hypervisor, domain);
        if (vcpu > info.max_vcpu_id)
            throw Error{Errc::invalid_config, fmt::format("{} has no vCPU {}", domain.id, vcpu)};
        return context.hypervisor.vcpu_state(domain.id, vcpu);
    };
    const VcpuState state = co_await toolstack.queries.run(std::move(job));
    co_return rpc::VcpuStateResult{identity_of(record), state};
}

} // namespace pvh::daemon::verbs
