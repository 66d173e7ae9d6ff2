// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/boot/build_plan.h"
#include "libdomain/xen/hypervisor.h"

#include <span>
#include <vector>

namespace pvh {

/// Every page that a load touches, ascending, each once. Loads are ascending by address.
std::vector<Gfn> touched_pages(std::span<const boot::Load> loads);

/// Copies the loads into the guest. Each page is mapped once, all of them in one call, and unmapped
/// before this returns. Whatever of a touched page no load gives data for becomes zero: fresh guest
/// pages may hold what they held before.
void load_guest(xen::Hypervisor& hv, DomId dom, std::span<const boot::Load> loads);

} // namespace pvh
