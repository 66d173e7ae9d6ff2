// SPDX-License-Identifier: LGPL-2.1-or-later
// What boot.S saw before it changed anything, and what it leaves to C++.
#pragma once

#include "tests/probe/machine.h"

namespace pvh::probe {

/// What reading through one segment gave, and whether it could be written through.
struct SegmentSeen {
    u32 word;  // at kKnownWord's address: proves the base
    u32 lapic; // at the local APIC's version register, 0xfee00030
    u32 top;   // at 0xfffffffc: proves the limit, if the read did not fault
    u32 tried; // how many of the reads came back
};

/// Filled in by boot.S, which knows these offsets. It is initialised data, not bss, so that what
/// the builder left in bss can be looked at.
struct EntryState {
    u32 ebx, cr0, cr4, eflags;    // 0
    u32 cs, ds, es, ss, tr;       // 16, selectors
    u32 efer, has_efer;           // 36
    u32 push_size;                // 44, of an instruction whose size follows cs
    u32 stack_probe;              // 48, what was pushed, read back by esp
    u32 faults;                   // 52, 1 if a segment could not be used
    u32 written;                  // 56, bit 0 through ds, 1 through es, 2 through ss
    u32 reserved;                 // 60
    SegmentSeen seen_ds, seen_es; // 64, 80
    SegmentSeen seen_ss, seen_cs; // 96, 112
};

static_assert(sizeof(EntryState) == 128 && offsetof(EntryState, seen_ds) == 64 &&
              offsetof(EntryState, faults) == 52);

inline constexpr u32 kKnownWord = 0x70726f62;

// Symbols of probe.ld and boot.S. Their addresses are what matters.
extern "C" {
// NOLINTBEGIN(bugprone-dynamic-static-initializers): declared here, defined by assembly or linker
extern EntryState entry_state;
extern const u8 image_begin[];
extern const u8 image_end[];
extern const u32 image_last_word;
extern const u8 untouched_begin[]; // a part of bss that nothing writes to
extern const u8 untouched_end[];
extern u64 window_entry;
extern u64 page_directories[]; // four pages, identity: entries of 2 MiB
// NOLINTEND(bugprone-dynamic-static-initializers)
}

/// Memory at any address, through a window that moves if it is not below 4 GiB: a result holds
/// until the next call. `size` bytes must not cross a multiple of 2 MiB.
u8* reach(u64 address);

} // namespace pvh::probe
