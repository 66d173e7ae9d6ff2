// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/guest_types.h"
#include "libdomain/core/ids.h"

namespace pvh::boot {

/// vCPU 0 as the boot ABI wants it: 32-bit protected mode, flat segments, no paging, interrupts
/// off, at `entry` with the address of start_info in %ebx.   [xen docs/misc/pvh.pandoc, "x86/HVM
/// direct boot ABI"]
VcpuState boot_vcpu_state(GuestAddr entry, GuestAddr start_info);

} // namespace pvh::boot
