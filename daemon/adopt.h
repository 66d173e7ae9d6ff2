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
        StoredDomain stored;
    };

    /// Of ours, what is left of a domain whose build, end or restart was cut short.
    struct Torso {
        Domain domain;
        StoredDomain stored;
    };

    std::vector<Adopted> adopted;         // ours, and they live
    std::vector<Torso> torsos;            // to be destroyed
    std::vector<StoredDomain> stale;      // their domain is gone, or somebody else made it anew
    std::vector<StoredDomain> restarting; // to be built anew, once their torsos are gone
};

/// Who is who, by UUID: domids are reused. A domain that runs is never a torso, unless it is the
/// very one whose end had begun: others may have made it since, from the same config. Pure.
Inheritance sort_out(std::span<const xen::DomainInfo> present,
                     std::span<const StoredDomain> stored);

/// Carries it out at the start, before any thread: fills the registry with every domain of Xen,
/// destroys torsos and removes stale files, each with a log line. Returns those that are to be
/// built anew.
std::vector<DomainSpec> take_over(WorkerContext& context, const StateDir& states,
                                  Registry& registry);

} // namespace pvh::daemon
