// SPDX-License-Identifier: LGPL-2.1-or-later
// start_info and its memory map, as the probe trusts them: only after a look at their bounds.
#pragma once

#include "tests/probe/machine.h"
#include "tests/probe/xen.h"

namespace pvh::probe {

struct Range {
    u64 begin, size;

    [[nodiscard]] u64 end() const { return begin + size; }

    [[nodiscard]] bool holds(Range inner) const {
        return inner.begin >= begin && inner.size <= size &&
               inner.begin - begin <= size - inner.size;
    }

    [[nodiscard]] bool overlaps(Range other) const {
        return size != 0 && other.size != 0 && begin < other.end() && other.begin < end();
    }
};

/// Null if ebx does not point to one.
const hvm_start_info* start_info();

/// The map in start_info; empty if it is not below 4 GiB, or absurdly long.
struct MemoryMap {
    const hvm_memmap_table_entry* entries;
    unsigned size;

    [[nodiscard]] const hvm_memmap_table_entry* begin() const { return entries; }

    [[nodiscard]] const hvm_memmap_table_entry* end() const { return entries + size; }
};

MemoryMap memory_map();

/// What rests on the map says nothing if there is none: start_info.memmap has said it.
inline bool has_map() {
    return memory_map().size != 0;
}

/// Whether some entry is what `wanted` asks for.
template <class Wanted> bool any_entry(Wanted wanted) {
    const MemoryMap map = memory_map();
    for (unsigned i = 0; i < map.size; ++i)
        if (wanted(map.entries[i])) return true;
    return false;
}

inline Range range_of(const hvm_memmap_table_entry& entry) {
    return {entry.addr, entry.size};
}

/// Whether one RAM range of the map holds all of it.
bool in_ram(Range range);

/// Whether one range typed ACPI data or NVS holds all of it.
bool in_acpi_range(Range range);

/// The command line without its zero; nothing if there is none, or if no zero comes in 64 KiB.
struct CommandLine {
    const char* text;
    u64 size;
    bool ends;
};

CommandLine command_line_at(u64 address);

} // namespace pvh::probe
