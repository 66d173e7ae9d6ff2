// SPDX-License-Identifier: LGPL-2.1-or-later
// Exceptions, which end the probe, and the two vectors by which Xen tells of events.
#pragma once

#include "tests/probe/machine.h"

namespace pvh::probe {

inline constexpr u8 kUpcallVector = 0x40;   // a vCPU's own, by HVMOP_set_evtchn_upcall_vector
inline constexpr u8 kCallbackVector = 0x41; // everybody's, by HVM_PARAM_CALLBACK_IRQ
inline constexpr u8 kSpuriousVector = 0xff; // the local APIC's

/// Registers of what was interrupted, as traps.S pushes them.
struct Trap {
    u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    u64 vector, error;
    u64 rip, cs, rflags, rsp, ss;
};

/// While there is one, an exception goes on behind the instruction of three bytes that raised it,
/// such as vmcall. Not for further processors.
class ExpectedFault {
  public:
    ExpectedFault();
    ExpectedFault(const ExpectedFault&) = delete;
    ExpectedFault& operator=(const ExpectedFault&) = delete;
    ~ExpectedFault();
    [[nodiscard]] bool came() const;
};

/// Makes the table and loads it on this processor.
void set_up_interrupts();

/// Loads the table that is there: for further processors.
void load_interrupts();

/// How often a vector has come.
u64 arrivals(u8 vector);

} // namespace pvh::probe
