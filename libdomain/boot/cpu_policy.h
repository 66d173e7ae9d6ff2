// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/guest_types.h"

#include <span>
#include <vector>

namespace pvh::boot {

struct CpuFeatures {
    /// The TSC's frequency will not change: the domain stays where it is, or Xen emulates it.
    bool has_invariant_tsc = false;
    /// VMX or SVM, as far as Xen lets a guest have them.
    bool has_nested_hvm = false;
};

/// The leaves of Xen's HVM default policy that a new PVH domain has otherwise, edited: nested
/// virtualisation and an invariant TSC only if `features` says so, and a topology without SMT that
/// agrees with Xen's APIC ids of 2 * vCPU. The same edits as xl's; leaves that stay as they are are
/// not returned, Xen merges. [tools/libs/guest/xg_cpuid_x86.c xc_cpuid_apply_policy;
/// tools/libs/light/libxl_cpuid.c libxl__cpuid_legacy]
std::vector<CpuidLeaf> edit_cpu_policy(std::span<const CpuidLeaf> defaults,
                                       const CpuFeatures& features = {});

} // namespace pvh::boot
