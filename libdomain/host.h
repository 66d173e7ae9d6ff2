// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/boot/build_plan.h"
#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"

namespace pvh {

/// What every plan on this host needs; asked once, since it does not change while Xen runs.
boot::HostFacts gather_host_facts(xen::Hypervisor& hv, xen::Store& store);

} // namespace pvh
