// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/boot/build_plan.h"
#include "libdomain/core/timeline.h"
#include "libdomain/device/host_devices.h"
#include "libdomain/domain.h"
#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"

namespace pvh {

/// Carries a plan out: afterwards the domain exists, paused, complete and introduced; unpausing it
/// is the caller's act. If anything fails, nothing of it remains and what failed is thrown, with
/// the stage's name.
Domain build_domain(xen::Hypervisor& hv, xen::Store& store, device::HostDevices& host,
                    const boot::BuildPlan& plan, Timeline& timeline);

} // namespace pvh
