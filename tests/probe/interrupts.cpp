// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/probe/interrupts.h"

#include "tests/probe/events.h"
#include "tests/probe/lapic.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

// [Intel SDM volume 3A, figure 6-8]
struct Gate {
    u16 low, selector;
    u8 stack, type;
    u16 middle;
    u32 high, reserved;
};

struct [[gnu::packed]] TablePointer {
    u16 limit;
    u64 base;
};

static_assert(sizeof(Gate) == 16 && sizeof(TablePointer) == 10);

constexpr u16 kCode64 = 0x18;       // boot.S's
constexpr u8 kInterruptGate = 0x8e; // present, interrupts off
constexpr unsigned kVectors = 256;
constexpr unsigned kExceptions = 32; // the architecture's vectors
constexpr u64 kStubSize = 16;        // traps.S's

constexpr u64 kExpectedSize = 3; // of an instruction that may fault

Gate gates[kVectors];
volatile bool is_fault_expected = false;
volatile bool has_faulted = false;
volatile u64 counts[kVectors];

[[noreturn]] void report_exception(const Trap& trap) {
    static bool reporting = false;
    if (reporting) // the report itself faulted
        for (;;)
            asm volatile("cli; hlt");
    reporting = true;
    give_up(Line{"exception ", trap.vector, " at ", hex(trap.rip), " error ", hex(trap.error)});
}

extern "C" {
extern const u8 trap_stubs[];

void trap(Trap* trap) {
    if (trap->vector < kExceptions) {
        if (!is_fault_expected) report_exception(*trap);
        has_faulted = true;
        trap->rip += kExpectedSize;
        return;
    }
    counts[trap->vector] = counts[trap->vector] + 1;
    // Only the vCPU's own vector goes through its local APIC; the callback vector is injected.
    if (trap->vector == kUpcallVector) end_of_interrupt();
    if (trap->vector == kUpcallVector || trap->vector == kCallbackVector) take_events();
}
}

} // namespace

void set_up_interrupts() {
    for (unsigned vector = 0; vector < kVectors; ++vector) {
        const u64 stub = address_of(trap_stubs) + vector * kStubSize;
        gates[vector] = {.low = static_cast<u16>(stub),
                         .selector = kCode64,
                         .stack = 0,
                         .type = kInterruptGate,
                         .middle = static_cast<u16>(stub >> 16),
                         .high = static_cast<u32>(stub >> 32),
                         .reserved = 0};
    }
    load_interrupts();
}

void load_interrupts() {
    const TablePointer pointer{.limit = sizeof(gates) - 1, .base = address_of(gates)};
    asm volatile("lidt %0" ::"m"(pointer));
}

ExpectedFault::ExpectedFault() {
    has_faulted = false;
    is_fault_expected = true;
}

ExpectedFault::~ExpectedFault() {
    is_fault_expected = false;
}

bool ExpectedFault::came() const { // NOLINT(readability-convert-member-functions-to-static)
    return has_faulted;
}

u64 arrivals(u8 vector) {
    return counts[vector];
}

} // namespace pvh::probe
