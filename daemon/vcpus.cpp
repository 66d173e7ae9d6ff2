// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.vcpus
#include "daemon/select.h"
#include "daemon/status.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/domain.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon::verbs {

namespace {

using Infos = std::vector<xen::DomainInfo>;

/// As xl prints a set of CPUs: "0-3,5", "all" or "none".   [tools/xl/xl_utils.c print_bitmap]
std::string text_of(const CpuMask& mask, std::size_t host_cpus) {
    const auto end = mask.begin() + static_cast<std::ptrdiff_t>(std::min(mask.size(), host_cpus));
    std::string text;
    for (auto first = std::find(mask.begin(), end, true); first != end;) {
        const auto last = std::find(first, end, false) - 1;
        if (first == mask.begin() && last + 1 == end) return "all";
        text += fmt::format("{}{}", text.empty() ? "" : ",", first - mask.begin());
        if (last != first) text += fmt::format("-{}", last - mask.begin());
        first = std::find(last + 1, end, true);
    }
    return text.empty() ? "none" : text;
}

rpc::VcpuStatus status_of(const xen::VcpuInfo& vcpu, std::size_t host_cpus) {
    return {.vcpu = vcpu.id,
            .online = vcpu.is_online,
            .blocked = vcpu.is_blocked,
            .running = vcpu.is_running,
            .cpu = vcpu.cpu,
            .cpu_time_ns = vcpu.cpu_time_ns,
            .hard_affinity = text_of(vcpu.hard_affinity, host_cpus),
            .soft_affinity = text_of(vcpu.soft_affinity, host_cpus)};
}

std::vector<rpc::VcpuStatus> vcpus_of(xen::Hypervisor& hv, DomId dom, std::size_t host_cpus) {
    std::vector<rpc::VcpuStatus> statuses;
    for (const xen::VcpuInfo& vcpu : hv.list_vcpus(dom))
        statuses.push_back(status_of(vcpu, host_cpus));
    return statuses;
}

using VcpusById = std::map<DomId, std::vector<rpc::VcpuStatus>>;

/// Domains that end meanwhile are left out.
VcpusById vcpus_of_all(xen::Hypervisor& hv, const Infos& infos, std::size_t host_cpus) {
    VcpusById all;
    for (const xen::DomainInfo& info : infos) {
        try {
            all[info.id] = vcpus_of(hv, info.id, host_cpus);
        } catch (const Error& e) {
            if (e.code() != Errc::not_found) throw;
        }
    }
    return all;
}

} // namespace

Task<rpc::VcpusResult> vcpus(Call call, rpc::VcpusParams params) {
    Toolstack& toolstack = call.toolstack;
    const std::size_t host_cpus = toolstack.host_facts->cpu_nodes.size();
    Infos infos;
    if (params.domain.is_empty()) {
        infos = co_await list_domains(toolstack);
    } else {
        const Record record = co_await find_domain(toolstack, std::move(params.domain));
        std::function<Infos(WorkerContext&)> job = [domain =
                                                        record.domain](WorkerContext& context) {
            return Infos{require_alive(context.hypervisor, domain)};
        };
        infos = co_await toolstack.queries.run(std::move(job));
    }
    std::function<VcpusById(WorkerContext&)> job = [infos, host_cpus](WorkerContext& context) {
        return vcpus_of_all(context.hypervisor, infos, host_cpus);
    };
    VcpusById found = co_await toolstack.queries.run(std::move(job));
    rpc::VcpusResult result;
    for (const xen::DomainInfo& info : infos)
        if (const auto vcpus = found.find(info.id); vcpus != found.end())
            result.domains.push_back(
                {make_status(info, toolstack.registry).domain, std::move(vcpus->second)});
    co_return result;
}

} // namespace pvh::daemon::verbs
