// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/guest_types.h"
#include "libdomain/spec/cpu_spec.h"

#include <span>
#include <vector>

namespace pvh::boot {

/// `changed` are the leaves of a domain that differ from `defaults`; the result is the same with
/// `masks` applied. In a register that a mask names, 'x' is the default's bit and 'k' or 's' that
/// of `host`, whatever it was in `changed`: so xl does it. Throws Errc::invalid_config for a leaf
/// that `defaults` or `host` has not.   [tools/libs/guest/xg_cpuid_x86.c xc_cpuid_xend_policy]
std::vector<CpuidLeaf> apply_cpuid_masks(std::vector<CpuidLeaf> changed,
                                         std::span<const CpuidMask> masks,
                                         std::span<const CpuidLeaf> defaults,
                                         std::span<const CpuidLeaf> host);

} // namespace pvh::boot
