// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/guest_types.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pvh::xen {

/// The stream for XEN_DOMCTL_sethvmcontext: header, default MTRRs for every vCPU, vCPU 0, end. Only
/// vCPU 0 comes up by it. Composed rather than fetched and edited: Xen validates magic and version
/// of the header only, and one call in place of vCPUs + 2 spares Xen's log as many lines.
/// [xen/arch/x86/hvm/save.c arch_hvm_load]
std::vector<std::uint8_t> compose_hvm_context(const VcpuState& state, unsigned vcpu_count);

/// What a CPU record of such a stream says. Throws Errc::xen_error if it is none.
VcpuState read_cpu_record(std::span<const std::uint8_t> record);
/// How many bytes it has.
std::size_t cpu_record_size();

} // namespace pvh::xen
