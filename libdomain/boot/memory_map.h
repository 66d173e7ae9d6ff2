// SPDX-License-Identifier: LGPL-2.1-or-later
// What a guest of a given size has where, and in which pieces Xen is asked for it.
#pragma once

#include "libdomain/core/guest_types.h"
#include "libdomain/core/ids.h"
#include "libdomain/spec/cpu_spec.h"

#include <cstdint>
#include <vector>

namespace pvh::boot {

/// RAM below the MMIO hole and, if it does not suffice, above 4 GiB: one or two ranges covering
/// exactly `ram` bytes. `ram` is a positive multiple of 4 KiB; throws Errc::internal otherwise.
/// [tools/libs/light/libxl_dom.c libxl__build_hvm]
std::vector<MemoryRange> ram_ranges(std::uint64_t ram);

/// One past the last byte of RAM below the hole.
GuestAddr low_ram_end(std::uint64_t ram);

/// The guest's e820: RAM, ACPI tables, RSDP, pages that start APs, special pages. Sorted and
/// disjoint. `ram` as above. ACPI ranges have type 3 as xl 4.17 gives them (AddressRangeACPI);
/// xl 4.21 went to type 4 (NVS), so that a kexec'd kernel does not reclaim them. Both boot;
/// equality with the reference decides. [tools/libs/light/libxl_x86.c domain_construct_memmap]
std::vector<MemoryRange> memory_map(std::uint64_t ram, bool has_acpi = true,
                                    ApStartup ap_startup = ApStartup::guest);

/// The range in the largest aligned pieces: 1 GiB, 2 MiB, 4 KiB. Ascending; covers it exactly.
std::vector<Extent> extents_of(GuestAddr address, std::uint64_t size);

/// All of ram_ranges(ram) in such pieces.
std::vector<Extent> ram_extents(std::uint64_t ram);

/// Pages outside RAM that exist nevertheless, ascending: those of memory_map.
std::vector<Gfn> extra_pages(bool has_acpi = true, ApStartup ap_startup = ApStartup::guest);

} // namespace pvh::boot
