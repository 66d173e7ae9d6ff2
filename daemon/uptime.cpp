// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.uptime
#include "daemon/select.h"
#include "daemon/status.h"
#include "daemon/verbs.h"
#include "libdomain/adjust.h"

#include <chrono>
#include <ctime>
#include <functional>
#include <optional>
#include <utility>

namespace pvh::daemon::verbs {

namespace {

/// Of the machine: dom0 began with it.   [proc(5), /proc/uptime]
std::uint64_t host_uptime() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec);
}

/// A clock that was set back since makes it zero.
std::optional<std::uint64_t> uptime_of(xen::Store& store, const Domain& domain) {
    if (domain.id == kDom0) return host_uptime();
    const auto began = start_time_of(store, domain);
    if (!began) return std::nullopt;
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    return now > *began ? now - *began : 0;
}

using Uptimes = std::vector<std::optional<std::uint64_t>>;

Task<std::vector<rpc::Identity>> find_all(Toolstack& toolstack, rpc::Selector domain) {
    std::vector<rpc::Identity> found;
    if (!domain.is_empty()) {
        const Record record = co_await find_domain(toolstack, std::move(domain));
        found.push_back(identity_of(record));
        co_return found;
    }
    for (const xen::DomainInfo& info : co_await list_domains(toolstack))
        found.push_back(make_status(info, toolstack.registry).domain);
    co_return found;
}

} // namespace

Task<rpc::UptimeResult> uptime(Call call, rpc::UptimeParams params) {
    const auto domains = co_await find_all(call.toolstack, std::move(params.domain));
    std::function<Uptimes(WorkerContext&)> job = [domains](WorkerContext& context) {
        Uptimes uptimes;
        for (const rpc::Identity& domain : domains)
            uptimes.push_back(uptime_of(context.store, {DomId{domain.domid}, domain.uuid}));
        return uptimes;
    };
    const Uptimes uptimes = co_await call.toolstack.queries.run(std::move(job));
    rpc::UptimeResult result;
    for (std::size_t i = 0; i < domains.size(); ++i)
        result.domains.push_back({domains[i], uptimes[i]});
    co_return result;
}

} // namespace pvh::daemon::verbs
