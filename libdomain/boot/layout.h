// SPDX-License-Identifier: LGPL-2.1-or-later
// Every fixed address of a PVH guest, ascending. All are xl 4.17's, so that a guest sees the same
// map from either toolstack. RAM starts at 0 and has no VGA or BIOS hole: a PVH guest has neither.
#pragma once

#include "libdomain/core/ids.h"

#include <cstdint>

namespace pvh::boot::layout {

/// Images may lie below only because their link address says so; what we place goes there only if
/// nothing else is left. Guests trust the first MiB least: real-mode trampolines, Linux's BIOS-area
/// trimming (640 KiB to 1 MiB).
inline constexpr GuestAddr kOneMiB{kMiB};

/// Where a kernel that ignores start_info's RSDP (Linux before 4.17) looks for one: any 16-byte
/// boundary in 0xE0000..0xFFFFF. xl uses the last 64 bytes. The page stays RAM in the map: such a
/// Linux keeps its hands off 640 KiB to 1 MiB anyway (trim_bios_range).
/// [ACPI 6.5 section 5.2.5.1; tools/libs/light/libxl_x86_acpi.c libxl__dom_load_acpi]
inline constexpr GuestAddr kLegacyRsdp{0xfffc0};

/// RAM ends here at the latest and goes on at 4 GiB: the hole holds all that follows. Where it
/// begins is where the lowest thing in it is.   [tools/libs/light/libxl_dom.c libxl__build_hvm]
inline constexpr GuestAddr kMmioHole{0xfc000000};

/// ACPI tables. xl's fill eight pages from here for up to 30 vCPUs: its acpi_info page, which only
/// its DSDT reads, and seven of tables. Ours need one or two, but a memory map equal to xl's and
/// the same for every domain is worth 28 KiB.   [ACPI_INFO_PHYSICAL_ADDRESS]
inline constexpr GuestAddr kAcpiTables{kMmioHole};
inline constexpr PageCount kAcpiTablePages{8};

/// The RSDP start_info points to, in a page of its own. The map tells of 64 bytes, as xl's does.
inline constexpr GuestAddr kRsdp{kAcpiTables + kAcpiTablePages.value() * kPageSize};
inline constexpr std::uint64_t kRsdpRange = 64;

/// With ap_startup = "vcpuop", behind the RSDP's page: code that starts APs (ap_stub.s), a
/// hypercall page, the mailbox that the MADT points to, and page tables. Typed NVS, as the mailbox
/// has to be. [ACPI 6.6 section 5.2.12.19]
inline constexpr GuestAddr kApStartup{kRsdp + kPageSize};
inline constexpr GuestAddr kApHypercalls{kApStartup + kPageSize};
inline constexpr GuestAddr kApMailbox{kApHypercalls + kPageSize};
inline constexpr GuestAddr kApPageTables{kApMailbox + kPageSize}; // six pages
inline constexpr PageCount kApStartupPages{9};

/// Local APIC registers, emulated by Xen at the architectural address; in no memory map.
/// [LAPIC_BASE_ADDRESS]
inline constexpr GuestAddr kLocalApic{0xfee00000};

/// Pages shared with backends and with Xen: reserved, so that a guest neither allocates nor
/// balloons them.   [tools/libs/guest/xg_dom_x86.c special_pfn; tools/include/xenguest.h]
inline constexpr Gfn kSpecialPages{0xfeff8};
inline constexpr PageCount kSpecialPageCount{8};
inline constexpr Gfn kPagingRing{0xfeff8};  // vm_event
inline constexpr Gfn kMonitorRing{0xfeff9}; // vm_event
inline constexpr Gfn kSharingRing{0xfeffa}; // vm_event
inline constexpr Gfn kBufIoreq{0xfeffb};    // needs a device model: never used
inline constexpr Gfn kStoreRing{0xfeffc};
inline constexpr Gfn kIoreq{0xfeffd}; // needs a device model: never used
inline constexpr Gfn kIdentPt{0xfeffe};
inline constexpr Gfn kConsoleRing{0xfefff};

/// RAM that the hole displaced.
inline constexpr GuestAddr kHighRam{4 * kGiB};

static_assert(kLegacyRsdp < kOneMiB && kOneMiB < kMmioHole && kMmioHole <= kAcpiTables);
static_assert(kAcpiTables < kRsdp && kRsdp < kApStartup && kApStartup < kLocalApic &&
              kLocalApic < to_addr(kSpecialPages));
static_assert(to_addr(kSpecialPages + kSpecialPageCount).value() == 0xff000000);
static_assert(to_addr(kSpecialPages + kSpecialPageCount) < kHighRam);

} // namespace pvh::boot::layout
