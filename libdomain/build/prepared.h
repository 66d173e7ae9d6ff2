// SPDX-License-Identifier: LGPL-2.1-or-later
// A domain that was built before anybody asked for it, and what makes it the one that is asked for.
#pragma once

#include "libdomain/boot/build_plan.h"
#include "libdomain/core/timeline.h"
#include "libdomain/device/host_devices.h"
#include "libdomain/domain.h"
#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"

namespace pvh {

/// `spec` with what a domain gets only when somebody wants it: name, UUID, command line, devices
/// and policies of `other`. What two specs that are equal then have in common is all that is built
/// ahead.
DomainSpec with_what_is_given_late(DomainSpec spec, const DomainSpec& other);

/// Whether a domain is still as it was built: nobody has let it run, or has ended it.
bool is_untouched(const xen::DomainInfo& info);

/// Whether what was built by `made` becomes what `wanted` describes when its start_info is written
/// anew. Both were planned with the same images.
bool can_become(const boot::BuildPlan& made, const boot::BuildPlan& wanted);

/// Gives a domain that was built by a plan which can become this one, and is still paused, its
/// name, command line and devices. Xen has its UUID, xenstore that which it was built with. If it
/// throws nothing of the devices remains; the domain is of no use then. Marks its stages.
void finish_prepared(xen::Hypervisor& hv, xen::Store& store, device::HostDevices& host,
                     const Domain& domain, const Uuid& built_as, const boot::BuildPlan& plan,
                     Timeline& timeline);

} // namespace pvh
