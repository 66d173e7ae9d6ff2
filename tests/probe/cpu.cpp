// SPDX-License-Identifier: LGPL-2.1-or-later
// The state that vCPU 0 begins in, from what boot.S saved, and the image around it.
#include "tests/probe/boot.h"
#include "tests/probe/checks.h"
#include "tests/probe/lapic.h"
#include "tests/probe/report.h"
#include "tests/probe/xen.h"

namespace pvh::probe {

namespace {

constexpr u32 kCr0Pe = 1U << 0;
constexpr u32 kCr0Et = 1U << 4; // hard-wired to 1, so not a writable bit
constexpr u32 kFlagTf = 1U << 8;
constexpr u32 kFlagIf = 1U << 9;
constexpr u32 kFlagVm = 1U << 17;
constexpr u32 kReads = 3;

void check_ebx() {
    const u32 ebx = entry_state.ebx;
    check("cpu.ebx", ebx != 0 && at<u32>(ebx) == XEN_HVM_START_MAGIC_VALUE, "ebx=", hex(ebx));
}

void check_control_registers() {
    check("cpu.cr0", (entry_state.cr0 & ~kCr0Et) == kCr0Pe, "cr0=", hex(entry_state.cr0));
    check("cpu.cr4", entry_state.cr4 == 0, "cr4=", hex(entry_state.cr4));
    check("cpu.eflags", (entry_state.eflags & (kFlagTf | kFlagIf | kFlagVm)) == 0,
          "eflags=", hex(entry_state.eflags));
    if (entry_state.has_efer != 0)
        check("cpu.efer", entry_state.efer == 0, "efer=", hex(entry_state.efer));
    else
        skip("cpu.efer", "this processor has none");
}

// Moves from and to control registers were executed, which only level 0 may.
void check_privilege() {
    check("cpu.cpl", (entry_state.cs & 3) == 0, "cs=", hex(entry_state.cs),
          " and privileged instructions ran");
}

/// Base and limit by use: a word of the image, the local APIC, and the last word below 4 GiB.
bool is_flat(const SegmentSeen& seen) {
    return seen.tried == kReads && seen.word == kKnownWord &&
           seen.lapic == mmio<u32>(kLocalApic + kApicVersion) &&
           seen.top == mmio<u32>(kFourGiB - sizeof(u32));
}

Line seen_of(u32 selector, const SegmentSeen& seen) {
    return Line{"selector=",
                hex(selector),
                " reads at image=",
                hex(seen.word),
                " ",
                hex(kLocalApic + kApicVersion),
                "=",
                hex(seen.lapic),
                " top=",
                hex(seen.top)};
}

void check_segment(ClauseId clause, u32 selector, const SegmentSeen& seen, bool holds_besides) {
    if (seen.tried == 0 && entry_state.faults != 0)
        skip(clause, "selector=", hex(selector), "; the one tried before it faulted");
    else
        check(clause, is_flat(seen) && holds_besides, seen_of(selector, seen));
}

/// In boot.S's order; through each that is to be writable a bit was set.
void check_segments() {
    const EntryState& at_entry = entry_state;
    check_segment("cpu.ds", at_entry.ds, at_entry.seen_ds, (at_entry.written & 1) != 0);
    check_segment("cpu.es", at_entry.es, at_entry.seen_es, (at_entry.written & 2) != 0);
    check_segment("cpu.ss", at_entry.ss, at_entry.seen_ss,
                  (at_entry.written & 4) != 0 && at_entry.stack_probe == kKnownWord);
    check_segment("cpu.cs", at_entry.cs, at_entry.seen_cs, at_entry.push_size == 4);
}

// [Intel SDM volume 3A, section 11.11.2.1: default type, E flag]
void check_mtrr() {
    constexpr u32 kMtrrDefaultType = 0x2ff;
    constexpr u64 kEnabled = 1U << 11;
    constexpr u64 kWriteBack = 6;
    constexpr u32 kHasMtrr = 1U << 12;
    if ((cpuid(1).edx & kHasMtrr) == 0) {
        skip("cpu.mtrr", "this processor has none");
        return;
    }
    const u64 type = rdmsr(kMtrrDefaultType);
    check("cpu.mtrr", (type & kEnabled) != 0 && (type & 0xff) == kWriteBack,
          "default type=", hex(type));
}

bool is_untouched() {
    for (u64 byte = address_of(untouched_begin); byte < address_of(untouched_end); ++byte)
        if (at<const u8>(byte) != 0) return false;
    return true;
}

} // namespace

void check_cpu() {
    check_ebx();
    check_control_registers();
    check_privilege();
    check_segments();
    skip("cpu.tr", "selector=", hex(entry_state.tr), "; no instruction tells its base and limit");
    check_mtrr();
}

void check_image() {
    check("image.loaded", image_last_word == kKnownWord, "last word=", hex(image_last_word), " at ",
          hex(address_of(&image_last_word)));
    check("image.zeroed", is_untouched(), hex(address_of(untouched_begin)), " to ",
          hex(address_of(untouched_end)));
}

} // namespace pvh::probe
