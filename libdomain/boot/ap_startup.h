// SPDX-License-Identifier: LGPL-2.1-or-later
// ap_startup = "vcpuop": pages with code that starts APs for the kernel, and where the kernel asks
// it to. What happens in them, and why so, is in ap_stub.s.
#pragma once

#include "libdomain/core/bytes_view.h"
#include "libdomain/core/ids.h"
#include "libdomain/spec/domain_spec.h"

namespace pvh::boot {

/// What the MADT tells.   [ACPI 6.6 section 5.2.12.19]
struct ApWakeup {
    GuestAddr mailbox;
    GuestAddr reset_vector; // where the kernel gives an AP back
};

ApWakeup ap_wakeup();

/// Where vCPU 0 enters, in the boot ABI's state, in the place of the kernel.
GuestAddr ap_startup_entry();

/// How many vCPUs Xen is asked for: those of the spec, and perhaps the one that starts them.
unsigned all_vcpus(const DomainSpec& spec);

/// All bytes of layout::kApStartupPages, for a kernel that knows of `vcpus` vCPUs and begins at
/// `kernel_entry`, below 4 GiB.
Bytes compose_ap_startup(unsigned vcpus, GuestAddr kernel_entry);

} // namespace pvh::boot
