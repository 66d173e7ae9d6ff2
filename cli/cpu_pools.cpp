// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/cpu_pools.h"

#include "rpc/messages_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

std::vector<rpc::CpuPoolStatus> fetch_pools(Context& context) {
    return read_as<rpc::CpuPoolsResult>(
               "cpupool.list", context.daemon.call("cpupool.list", nlohmann::json::object()))
        .pools;
}

bool is_called(const rpc::CpuPoolStatus& pool, const std::string& what) {
    return pool.name == what || fmt::format("{}", pool.id) == what;
}

rpc::TopologyResult fetch_topology(Context& context) {
    return read_as<rpc::TopologyResult>(
        "system.topology", context.daemon.call("system.topology", nlohmann::json::object()));
}

} // namespace pvh::cli
