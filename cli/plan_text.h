// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "rpc/messages.h"

#include <string>

namespace pvh::cli {

/// What `create --dry-run` prints: the domain, where things go in guest memory, and what the host
/// gives. Lines, each ended.
std::string plan_text(const rpc::PlanResult& plan);

} // namespace pvh::cli
