// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.usage
#include "daemon/pool.h"
#include "daemon/select.h"
#include "daemon/status.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/domain.h"

#include <chrono>
#include <functional>
#include <map>
#include <utility>

namespace pvh::daemon::verbs {

namespace {

constexpr std::uint64_t kSector = 512; // blkback counts in these, whatever the disk has

struct Sight {
    std::uint64_t time_ns;
    std::vector<xen::DomainInfo> domains;
    device::Traffic traffic;
};

Sight see(WorkerContext& context, const std::optional<Domain>& domain) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    Sight sight{.time_ns = static_cast<std::uint64_t>(
                    std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()),
                .domains = {},
                .traffic = context.devices.traffic()};
    if (domain)
        sight.domains.push_back(require_alive(context.hypervisor, *domain));
    else
        sight.domains = context.hypervisor.list_domains();
    return sight;
}

void add_traffic(const device::Traffic& traffic, std::map<DomId, rpc::DomainUsage>& usages) {
    for (const device::DiskTraffic& disk : traffic.disks) {
        const auto found = usages.find(disk.frontend);
        if (found == usages.end()) continue;
        rpc::DomainUsage& usage = found->second;
        ++usage.vbds;
        usage.disk_reads += disk.read_requests;
        usage.disk_writes += disk.write_requests;
        usage.disk_read_bytes += disk.read_sectors * kSector;
        usage.disk_written_bytes += disk.written_sectors * kSector;
    }
    for (const device::NicTraffic& nic : traffic.nics) {
        const auto found = usages.find(nic.frontend);
        if (found == usages.end()) continue;
        rpc::DomainUsage& usage = found->second;
        ++usage.vifs;
        usage.received_bytes += nic.received_bytes;
        usage.sent_bytes += nic.sent_bytes;
    }
}

} // namespace

Task<rpc::UsageResult> usage(Call call, rpc::UsageParams params) {
    Toolstack& toolstack = call.toolstack;
    std::optional<Domain> one;
    if (!params.domain.is_empty()) {
        const Record record = co_await find_domain(toolstack, std::move(params.domain));
        one = record.domain;
    }
    std::function<Sight(WorkerContext&)> job = [one](WorkerContext& context) {
        return see(context, one);
    };
    Sight sight = co_await toolstack.queries.run(std::move(job));
    std::map<DomId, rpc::DomainUsage> usages;
    for (const xen::DomainInfo& info : sight.domains)
        if (!toolstack.pool->owns(info.handle))
            usages[info.id].status = make_status(info, toolstack.registry);
    add_traffic(sight.traffic, usages);
    rpc::UsageResult result{.time_ns = sight.time_ns, .domains = {}};
    for (auto& [id, usage] : usages)
        result.domains.push_back(std::move(usage));
    co_return result;
}

} // namespace pvh::daemon::verbs
