// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/probe/guest_map.h"

#include "tests/probe/boot.h"

namespace pvh::probe {

namespace {

constexpr u64 kLongestMap = 128;              // E820MAX   [xen/include/asm/e820.h]
constexpr u64 kLongestCommandLine = 64 << 10; // longer ones are taken for a missing zero

bool is_low(u64 address, u64 size) {
    return address < kFourGiB && size <= kFourGiB - address;
}

} // namespace

const hvm_start_info* start_info() {
    const u64 address = entry_state.ebx;
    if (address == 0 || !is_low(address, sizeof(hvm_start_info))) return nullptr;
    const auto& info = at<const hvm_start_info>(address);
    return info.magic == XEN_HVM_START_MAGIC_VALUE ? &info : nullptr;
}

MemoryMap memory_map() {
    const hvm_start_info* info = start_info();
    if (info == nullptr || info->version < 1) return {nullptr, 0};
    const u64 size = info->memmap_entries;
    if (size == 0 || size > kLongestMap ||
        !is_low(info->memmap_paddr, size * sizeof(hvm_memmap_table_entry)))
        return {nullptr, 0};
    return {&at<const hvm_memmap_table_entry>(info->memmap_paddr), static_cast<unsigned>(size)};
}

bool in_ram(Range range) {
    return any_entry([range](const hvm_memmap_table_entry& entry) {
        return entry.type == XEN_HVM_MEMMAP_TYPE_RAM && range_of(entry).holds(range);
    });
}

bool in_acpi_range(Range range) {
    return any_entry([range](const hvm_memmap_table_entry& entry) {
        const bool has_tables =
            entry.type == XEN_HVM_MEMMAP_TYPE_ACPI || entry.type == XEN_HVM_MEMMAP_TYPE_NVS;
        return has_tables && range_of(entry).holds(range);
    });
}

CommandLine command_line_at(u64 address) {
    if (address == 0 || address >= kFourGiB) return {"", 0, false};
    const u64 room = kFourGiB - address;
    const u64 limit = room < kLongestCommandLine ? room : kLongestCommandLine;
    const char* text = &at<const char>(address);
    for (u64 size = 0; size < limit; ++size)
        if (text[size] == '\0') return {text, size, true};
    return {text, 0, false};
}

u8* reach(u64 address) {
    constexpr u64 kLargePage = 2 << 20;
    constexpr u64 kWindow = 511ULL << 30; // boot.S's entry of the page directory pointers
    if (address < kFourGiB) return &at<u8>(address);
    window_entry = (address & -kLargePage) | 0x83; // present, writable, 2 MiB
    invalidate(kWindow);
    return &at<u8>(kWindow + address % kLargePage);
}

} // namespace pvh::probe
