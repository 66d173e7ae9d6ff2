// SPDX-License-Identifier: LGPL-2.1-or-later
// Where processors other than the first begin, by ap.S, and the mark they leave.
#pragma once

#include "tests/probe/machine.h"

namespace pvh::probe {

/// Pages below 64 KiB, which real mode reaches: code, mark, stack.
inline constexpr u64 kRealModeCode = 0x8000;
inline constexpr u64 kMark = 0x9000;
inline constexpr u64 kRealModeStack = 0xb000; // its top

/// What an AP says of itself. ap.S knows these offsets.
struct Mark {
    volatile u32 done;
    volatile u32 push_size; // of an instruction that pushes 2, 4 or 8 bytes by the mode it runs in
    volatile u32 cr0, cr4, efer, cs, apic_id;
    volatile u32 beats; // goes up as long as it runs
};

inline Mark& mark_of_ap() {
    return at<Mark>(kMark);
}

extern "C" {
// NOLINTBEGIN(bugprone-dynamic-static-initializers): declared here, defined by assembly or linker
extern const u8 ap_real_mode[]; // to be copied to kRealModeCode
extern const u8 ap_real_mode_end[];
extern const u8 ap_protected_mode[];
extern const u8 ap_pae_mode[];
extern const u8 ap_long_mode[];
extern const u8 ap_event_mode[];
extern const u8 ap_stack[]; // its top
// NOLINTEND(bugprone-dynamic-static-initializers)
}

} // namespace pvh::probe
