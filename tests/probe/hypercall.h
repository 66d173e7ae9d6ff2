// SPDX-License-Identifier: LGPL-2.1-or-later
// Hypercalls, through the page that Xen fills, and the calls that several checks need.
#pragma once

#include "tests/probe/machine.h"

namespace pvh::probe {

/// Where Xen's CPUID leaves are to begin, and where they do: there or, behind another interface
/// that Xen offers, a multiple of 0x100 further.   [cpuid.h]
inline constexpr u32 kXenLeaves = 0x40000000;
u32 xen_leaves();

/// Zeros if Xen has fewer leaves.
CpuidResult xen_leaf(u32 index);

/// Has Xen fill the hypercall page. False if there is no Xen or no page to be had.
bool set_up_hypercalls();

/// An answer below 0 is an error number of xen/include/public/errno.h, negated.
i64 hypercall(unsigned number, u64 a1, u64 a2 = 0, u64 a3 = 0);

/// The same by vmcall or vmmcall, whichever CPUID says that this processor has. -ENOSYS if it has
/// not.
i64 direct_hypercall(unsigned number, u64 a1, u64 a2 = 0, u64 a3 = 0);

/// True if this processor's instruction is vmmcall.
bool uses_vmmcall();

/// The page that Xen has filled.
const u8* hypercall_page();

/// The argument of most calls is a structure.
template <class T> i64 hypercall_on(unsigned number, u64 operation, T& argument) {
    return hypercall(number, operation, address_of(&argument));
}

i64 vcpu_op(unsigned operation, unsigned vcpu, const void* argument = nullptr);

struct HvmParam {
    i64 error; // 0 if the value could be read
    u64 value;
};

HvmParam hvm_param(unsigned index);
i64 set_hvm_param(unsigned index, u64 value);

i64 send_event(u32 port);
void yield();

/// Has what XENMAPSPACE_* calls `space` appear at a page of ours.
i64 map_at(u64 gfn, unsigned space, u64 index);

[[noreturn]] void shut_down(unsigned reason);

/// Time from CPUID's frequency, which needs nothing mapped.
u64 tsc_ticks(u64 milliseconds);

/// Yields until `condition()` holds; false if it did not within the time.
template <class Condition> bool wait_for(u64 milliseconds, Condition condition) {
    const u64 begin = rdtsc();
    const u64 ticks = tsc_ticks(milliseconds);
    while (!condition()) {
        if (rdtsc() - begin > ticks) return condition();
        yield();
    }
    return true;
}

} // namespace pvh::probe
