// SPDX-License-Identifier: LGPL-2.1-or-later
// The local APIC: the only device that Xen emulates for a PVH guest.
#pragma once

#include "tests/probe/machine.h"

namespace pvh::probe {

inline constexpr u64 kLocalApic = 0xfee00000;

/// Registers by their offsets.   [Intel SDM volume 3A, table 11-1]
inline volatile u32& lapic(u32 offset) {
    return mmio<u32>(kLocalApic + offset);
}

inline constexpr u32 kApicId = 0x20;
inline constexpr u32 kApicVersion = 0x30;

/// Without it the APIC of this vCPU delivers nothing.
void enable_lapic();
void end_of_interrupt();

void send_init(u32 apic_id);
void send_startup(u32 apic_id, u64 real_mode_page);

} // namespace pvh::probe
