// SPDX-License-Identifier: LGPL-2.1-or-later
// What a worker does for domain.create, domain.plan and a restart: values in, value out.
#pragma once

#include "daemon/state_dir.h"
#include "daemon/worker_pool.h"
#include "libdomain/boot/build_plan.h"
#include "libdomain/core/timeline.h"
#include "libdomain/domain.h"
#include "libdomain/image/image_cache.h"

#include <memory>
#include <string>

namespace pvh::daemon {

struct BuildOrder {
    DomainSpec spec; // valid, with a uuid
    std::shared_ptr<image::ImageCache> images;
    std::uint64_t max_ramdisk{}; // bytes
    std::shared_ptr<const boot::HostFacts> host_facts;
    std::string console_socket; // of pvhconsoled: who listens there is to serve console 0
    Timeline timeline;          // what was done before
};

struct BuildOutcome {
    Domain domain;
    Timeline timeline;
};

/// Reads kernel and ramdisk and decides everything; marks its stages.
boot::BuildPlan make_plan(const BuildOrder& order, Timeline& timeline);

/// Builds the domain and remembers it in `states`; it is left paused. If anything fails nothing of
/// it remains. The file is there, as `building`, before the domain is: a pvhd that dies in between
/// finds the torso at its next start.
BuildOutcome build_and_store(WorkerContext& context, const StateDir& states,
                             const BuildOrder& order);

} // namespace pvh::daemon
