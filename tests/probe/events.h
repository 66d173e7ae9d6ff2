// SPDX-License-Identifier: LGPL-2.1-or-later
// The shared info page and event channels, in the 2-level ABI.
#pragma once

#include "tests/probe/machine.h"
#include "tests/probe/xen.h"

namespace pvh::probe {

/// Pages of the hole that Xen's own pages are mapped at; a builder leaves them free.
inline constexpr u64 kSharedInfoGfn = 0xfe000;
inline constexpr u64 kGrantTableGfn = 0xfe001;
inline constexpr u64 kGrantMapGfn = 0xfe002;

/// Null until map_shared_info() has mapped it.
volatile shared_info* shared();

/// Maps it, with all channels masked; an error number if Xen refuses. Once is enough.
i64 map_shared_info();

/// A vCPU's part of it, or what was registered in its place.
volatile vcpu_info& info_of(unsigned vcpu);
void set_info_of(unsigned vcpu, volatile vcpu_info* info);

/// The number of the vCPU that asks, by CPUID.
unsigned this_vcpu();

/// System time of vCPU 0 in nanoseconds.   [xen.h struct vcpu_time_info]
u64 system_time();

/// Called for an upcall: takes every pending, unmasked event of this vCPU and counts it.
void take_events();

/// How often a port has been delivered.
u64 deliveries(u32 port);

void mask(u32 port);
i64 unmask(u32 port);
i64 close_port(u32 port);

} // namespace pvh::probe
