// SPDX-License-Identifier: LGPL-2.1-or-later
// The ACPI tables of a PVH domain. Same tables, OEM ids and fixed values as xl's (tools/libacpi),
// so that a guest logs and lists the same: RSDP, XSDT, RSDT, FACP, FACS, DSDT, APIC; SRAT and SLIT
// with vnuma.
#pragma once

#include "libdomain/boot/ap_startup.h"
#include "libdomain/core/bytes_view.h"
#include "libdomain/core/guest_types.h"

namespace pvh::boot {

struct AcpiTables {
    Bytes tables; // for layout::kAcpiTables
    Bytes rsdp;   // 36 bytes, for layout::kRsdp and wherever else a guest looks for it
};

/// `online` vCPUs at boot of `max_vcpus` (at most kMaxVcpus); `numa` and `wakeup` may be
/// null. Throws
/// Errc::internal if the tables outgrow their pages.
AcpiTables compose_acpi(unsigned online, unsigned max_vcpus, const VirtualNuma* numa = nullptr,
                        const ApWakeup* wakeup = nullptr);

/// The APIC id that Xen gives a vCPU of an HVM domain.   [xen/arch/x86/hvm/vlapic.c,
/// SET_xAPIC_ID(vcpu_id * 2)]
constexpr unsigned apic_id_of(unsigned vcpu) {
    return vcpu * 2;
}

} // namespace pvh::boot
