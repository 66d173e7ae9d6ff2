// SPDX-License-Identifier: LGPL-2.1-or-later
// RAM is where the map says, and nothing else is there.
#include "tests/probe/boot.h"
#include "tests/probe/checks.h"
#include "tests/probe/guest_map.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/options.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

/// Writes each word of a page, reads it back and restores it. The page may be one that is in use.
bool is_memory(u64 page_address) {
    auto* words = reinterpret_cast<volatile u64*>(reach(page_address));
    for (unsigned i = 0; i < kPage / sizeof(u64); ++i) {
        const u64 kept = words[i];
        const u64 pattern = ~kept ^ (page_address + i);
        words[i] = pattern;
        barrier();
        const bool held = words[i] == pattern;
        words[i] = kept;
        if (!held || words[i] != kept) return false;
    }
    return true;
}

/// Memory mostly comes 2 MiB at a time, so a word in the middle of each tells of all that is there.
u64 first_missing(const Range& ram) {
    constexpr u64 kPart = 2 << 20;
    for (u64 at = ram.begin + kPart / 2; at < ram.end(); at += kPart) {
        auto& word = *reinterpret_cast<volatile u64*>(reach(at));
        const u64 kept = word;
        word = ~kept;
        barrier();
        const bool held = word == ~kept;
        word = kept;
        if (!held) return at;
    }
    return ram.end();
}

void check_inside(const Range& ram) {
    const u64 missing = first_missing(ram);
    check("memory.inside", missing == ram.end(), hex(ram.begin), " to ", hex(ram.end()),
          missing == ram.end() ? ", all of it" : ", but not at ", hex(missing));
}

void check_range(const Range& ram) {
    if (ram.size < kPage) return; // start_info.memmap_disjoint has reported it
    check("memory.first_page", is_memory(ram.begin), hex(ram.begin));
    check("memory.last_page", is_memory(ram.end() - kPage), hex(ram.end() - kPage));
    check_inside(ram);
}

u64 total_ram() {
    u64 total = 0;
    for (const hvm_memmap_table_entry& entry : memory_map())
        if (entry.type == XEN_HVM_MEMMAP_TYPE_RAM) total += entry.size;
    return total;
}

void check_total() {
    const Option memory = option("probe.memory");
    if (memory.given && has_map())
        check("memory.total", total_ram() == memory.number() << 20, total_ram() >> 10, " KiB of ",
              memory.value, " MiB");
    else
        skip("memory.total", "no map, or no probe.memory= to compare with; ", total_ram() >> 10,
             " KiB");
}

bool is_reserved(Range range) {
    return any_entry([range](const hvm_memmap_table_entry& entry) {
        return entry.type == XEN_HVM_MEMMAP_TYPE_RESERVED && range_of(entry).holds(range);
    });
}

void check_special_page(const char* name, unsigned param) {
    const HvmParam gfn = hvm_param(param);
    if (!has_map()) {
        skip("memory.special", "no map");
        return;
    }
    check("memory.special", gfn.error == 0 && is_reserved({gfn.value * kPage, kPage}), name,
          " ring at gfn ", hex(gfn.value));
}

void check_acpi_range() {
    constexpr u64 kRsdpSize = 36;
    const u64 rsdp = start_info() == nullptr ? 0 : start_info()->rsdp_paddr;
    if (rsdp == 0 || !has_map())
        skip("memory.acpi", rsdp == 0 ? "no ACPI tables" : "no map");
    else
        check("memory.acpi", in_acpi_range({rsdp, kRsdpSize}), "RSDP at ", hex(rsdp));
}

} // namespace

void check_memory() {
    for (const hvm_memmap_table_entry& entry : memory_map())
        if (entry.type == XEN_HVM_MEMMAP_TYPE_RAM) check_range(range_of(entry));
    check_total();
    check_special_page("console", HVM_PARAM_CONSOLE_PFN);
    check_special_page("xenstore", HVM_PARAM_STORE_PFN);
    check_acpi_range();
}

} // namespace pvh::probe
