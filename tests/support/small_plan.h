// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/boot/build_plan.h"

namespace pvh::test {

/// A valid spec: "tiny", a fixed UUID, 4 MiB, 2 vCPUs.
DomainSpec small_spec();
/// A kernel of a few bytes at 1 MiB with a page of zeroes behind them.
std::shared_ptr<const image::KernelImage> small_kernel();
/// The whole plan of that spec and that kernel.
boot::BuildPlan small_plan();
boot::BuildPlan plan_of(const DomainSpec& spec);

} // namespace pvh::test
