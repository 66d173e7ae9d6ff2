// SPDX-License-Identifier: LGPL-2.1-or-later
// What a starting daemon finds: domains that run, and files about domains.
#pragma once

#include "daemon/state_dir.h"
#include "daemon/worker_pool.h"
#include "libdomain/domain.h"
#include "libdomain/xen/hypervisor.h"

#include <span>
#include <vector>

namespace pvh::daemon {

class Registry;

struct Inheritance {
    struct Adopted {
        xen::DomainInfo info;
        DomainSpec spec;
    };

    std::vector<Adopted> adopted; // ours, and they live
    std::vector<Domain> torsos;   // ours, their build was cut short: to be destroyed
    std::vector<Uuid> stale;      // files whose domain is gone
};

/// Who is who, by UUID: domids are reused. Pure.
Inheritance sort_out(std::span<const xen::DomainInfo> present,
                     std::span<const StoredDomain> stored);

/// Carries it out at the start, before any thread: fills the registry with every domain of Xen,
/// destroys torsos and removes stale files, each with a log line.
void take_over(WorkerContext& context, const StateDir& states, Registry& registry);

} // namespace pvh::daemon
