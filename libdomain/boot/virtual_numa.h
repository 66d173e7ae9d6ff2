// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/guest_types.h"
#include "libdomain/spec/domain_spec.h"

#include <optional>

namespace pvh::boot {

/// What vnuma asks for, with the RAM of the memory map dealt out to the nodes in their order;
/// nothing without vnuma. `host_nodes` is how many the host has. Throws Errc::invalid_config if one
/// is asked for that it has not.   [tools/libs/light/libxl_vnuma.c
/// libxl__vnuma_build_vmemrange_hvm]
std::optional<VirtualNuma> plan_virtual_numa(const DomainSpec& spec, unsigned host_nodes);

} // namespace pvh::boot
