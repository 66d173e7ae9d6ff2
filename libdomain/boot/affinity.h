// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/guest_types.h"
#include "libdomain/spec/domain_spec.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace pvh::boot {

/// Where one vCPU may run (hard) and would rather run (soft); absent: anywhere.
struct VcpuAffinity {
    unsigned vcpu{};
    std::optional<CpuMask> hard;
    std::optional<CpuMask> soft;
};

/// What differs from Xen's default. With vnuma, and without cpus_soft, a vCPU would rather run near
/// the memory of its node. CPUs and nodes that the host has not are passed over; throws
/// Errc::invalid_config if nothing is left.
std::vector<VcpuAffinity> plan_affinity(const DomainSpec& spec, const CpuNodes& host);

} // namespace pvh::boot
