// SPDX-License-Identifier: LGPL-2.1-or-later
// The local APIC, and that nothing else of a PC is there.
#include "tests/probe/lapic.h"

#include "tests/probe/checks.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/interrupts.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

constexpr u32 kEndOfInterrupt = 0xb0;
constexpr u32 kSpurious = 0xf0;
constexpr u32 kCommandLow = 0x300;
constexpr u32 kCommandHigh = 0x310;

constexpr u32 kSoftwareEnable = 1U << 8;
constexpr u32 kDelivering = 1U << 12;
constexpr u32 kAssert = 1U << 14;
constexpr u32 kInit = 5U << 8;
constexpr u32 kStartup = 6U << 8;

void send(u32 apic_id, u32 command) {
    lapic(kCommandHigh) = apic_id << 24;
    lapic(kCommandLow) = command;
    wait_for(1'000, [] { return (lapic(kCommandLow) & kDelivering) == 0; });
}

void check_base() {
    constexpr u32 kApicBase = 0x1b;
    constexpr u64 kEnabled = 1U << 11;
    constexpr u64 kBootstrap = 1U << 8;
    const u64 base = rdmsr(kApicBase);
    check("lapic.base", base == (kLocalApic | kEnabled | kBootstrap), "msr=", hex(base));
}

void check_version() {
    const u32 version = lapic(kApicVersion);
    const u32 last_lvt = version >> 16 & 0xff;
    check("lapic.version", (version & 0xf0) == 0x10 && last_lvt >= 3 && last_lvt < 16,
          "version=", hex(version));
}

// Index 1 of an I/O APIC is its version, which is never all ones.
void check_io_apic() {
    constexpr u64 kIoApic = 0xfec00000;
    mmio<u32>(kIoApic) = 1;
    const u32 version = mmio<u32>(kIoApic + 0x10);
    check("lapic.no_ioapic", version == ~0U, hex(kIoApic + 0x10), " reads ", hex(version));
}

void check_absent(ClauseId clause, u16 first, u16 second) {
    const u8 a = in8(first);
    const u8 b = in8(second);
    check(clause, a == 0xff && b == 0xff, "ports ", hex(first), " and ", hex(second), " read ",
          hex(a), " and ", hex(b));
}

void check_pci() {
    out32(0xcf8, 0x80000000);
    const u32 id = in32(0xcfc);
    check("lapic.no_pci", id == ~0U, "device 0 reads ", hex(id));
}

// At either of the addresses that Xen knows.   [xen/include/public/hvm/ioreq.h]
void check_pm_timer() {
    const u32 old = in32(0x1f48);
    const u32 now = in32(0xb008);
    check("lapic.no_pm", old == ~0U && now == ~0U, "ports 0x1f48 and 0xb008 read ", hex(old),
          " and ", hex(now));
}

} // namespace

void enable_lapic() {
    lapic(kSpurious) = kSoftwareEnable | kSpuriousVector;
}

void end_of_interrupt() {
    lapic(kEndOfInterrupt) = 0;
}

void send_init(u32 apic_id) {
    send(apic_id, kAssert | kInit);
}

void send_startup(u32 apic_id, u64 real_mode_page) {
    send(apic_id, kAssert | kStartup | static_cast<u32>(real_mode_page / kPage));
}

void check_lapic() {
    check_base();
    const u32 id = lapic(kApicId) >> 24;
    check("lapic.id", id == 0, "id=", id);
    check_version();
    check_io_apic();
    check_absent("lapic.no_pit", 0x40, 0x42);
    check_absent("lapic.no_pic", 0x20, 0x21);
    check_absent("lapic.no_cmos", 0x70, 0x71);
    check_pci();
    check_pm_timer();
}

} // namespace pvh::probe
