// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/context.h"
#include "rpc/messages.h"

#include <string>
#include <vector>

namespace pvh::cli {

/// Ascending by number.
std::vector<rpc::CpuPoolStatus> fetch_pools(Context& context);

/// By its name or number.
bool is_called(const rpc::CpuPoolStatus& pool, const std::string& what);

rpc::TopologyResult fetch_topology(Context& context);

} // namespace pvh::cli
