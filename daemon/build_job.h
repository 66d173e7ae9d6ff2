// SPDX-License-Identifier: LGPL-2.1-or-later
// What a worker does for domain.create, domain.plan and a restart: values in, value out.
#pragma once

#include "daemon/state_dir.h"
#include "daemon/worker_pool.h"
#include "libdomain/boot/build_plan.h"
#include "libdomain/core/file.h"
#include "libdomain/core/timeline.h"
#include "libdomain/domain.h"
#include "libdomain/image/image_cache.h"

#include <memory>
#include <optional>
#include <string>

namespace pvh::daemon {

/// What comes after a domain's end, or after a build that fails.
enum class Afterlife { none, restart };

struct BuildOrder {
    DomainSpec spec; // valid, with a uuid
    bool stays_paused{};
    Afterlife afterlife{}; // restart: its file says so until the domain is there, and if it fails
    std::shared_ptr<image::ImageCache> images;
    std::uint64_t max_ramdisk{}; // bytes
    std::shared_ptr<const boot::HostFacts> host_facts;
    std::string console_socket; // of pvhconsoled: who listens there is to serve console 0
    Timeline timeline;          // what was done before
};

/// A domain that waits for somebody to want it. Its state file says that it is being built: a pvhd
/// that finds it destroys it.
struct Prepared {
    Domain domain;
    std::shared_ptr<const boot::BuildPlan> plan;
    std::optional<FileIdentity> ramdisk; // that was planned with
};

struct BuildOutcome {
    Domain domain;
    Timeline timeline;
};

/// Of domain.create, until the domain is there: what a job tells as `total`.
inline constexpr unsigned kBuildStages = 18;

/// Reads kernel and ramdisk and decides everything; marks its stages.
boot::BuildPlan make_plan(const BuildOrder& order, Timeline& timeline);

/// Builds the domain, remembers it in `states` and lets it run, unless it is to stay paused. If
/// anything fails nothing of it remains, but for the file of one that is restarted. The file is
/// there before the domain is: a pvhd that dies in between finds the torso at its next start.
BuildOutcome build_and_run(WorkerContext& context, const StateDir& states, const BuildOrder& order);

/// Builds one ahead. `like`, of the same class, may lend its ramdisk.
Prepared prepare(WorkerContext& context, const StateDir& states, const BuildOrder& order,
                 const std::shared_ptr<const boot::BuildPlan>& like,
                 const std::optional<FileIdentity>& like_ramdisk);

/// Makes of it what the order wants; or builds that in its place, if it does not fit after all: a
/// file may have changed since. As build_and_run() otherwise.
BuildOutcome finish_and_run(WorkerContext& context, const StateDir& states, const BuildOrder& order,
                            const Prepared& prepared);

/// Ends a domain. What of its devices and nodes could not be removed is logged: once Xen has let it
/// go there is nothing that a second attempt could find. Throws if the domain is still there.
void destroy_for_good(WorkerContext& context, const Domain& domain);

} // namespace pvh::daemon
