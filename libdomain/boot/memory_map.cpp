// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/memory_map.h"

#include "libdomain/boot/layout.h"
#include "libdomain/core/error.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace pvh::boot {

namespace {

// Page orders that Xen can map with one entry, largest first.
constexpr std::array<unsigned, 3> kOrders{18, 9, 0};

void append_extents(std::vector<Extent>& extents, GuestAddr address, std::uint64_t size) {
    std::uint64_t gfn = to_gfn(address).value();
    const std::uint64_t end = gfn + size / kPageSize;
    while (gfn < end) {
        const auto fits = [&](unsigned order) {
            const std::uint64_t pages = 1ULL << order;
            return gfn % pages == 0 && pages <= end - gfn;
        };
        const unsigned order = *std::find_if(kOrders.begin(), kOrders.end(), fits);
        extents.push_back({.first = Gfn{gfn}, .order = order});
        gfn += 1ULL << order;
    }
}

void append_pages(std::vector<Gfn>& pages, Gfn first, PageCount count) {
    for (std::uint64_t i = 0; i < count.value(); ++i)
        pages.push_back(first + PageCount{i});
}

} // namespace

GuestAddr low_ram_end(std::uint64_t ram) {
    return GuestAddr{std::min(ram, layout::kMmioHole.value())};
}

std::vector<MemoryRange> ram_ranges(std::uint64_t ram) {
    if (ram == 0 || ram % kPageSize != 0)
        throw Error{
            Errc::internal,
            fmt::format("memory map for {:#x} bytes: not a positive multiple of 4 KiB", ram)};
    const std::uint64_t low = low_ram_end(ram).value();
    std::vector<MemoryRange> ranges{
        {.address = GuestAddr{0}, .size = low, .type = MemoryType::ram}};
    if (ram > low)
        ranges.push_back({.address = layout::kHighRam, .size = ram - low, .type = MemoryType::ram});
    return ranges;
}

std::vector<MemoryRange> memory_map(std::uint64_t ram, bool has_acpi, ApStartup ap_startup) {
    // The hole's ranges lie between low and high RAM; ascending as in layout.h.
    std::vector<MemoryRange> hole{{.address = to_addr(layout::kSpecialPages),
                                   .size = layout::kSpecialPageCount.value() * kPageSize,
                                   .type = MemoryType::reserved}};
    if (ap_startup == ApStartup::vcpuop)
        hole.insert(hole.begin(), {.address = layout::kApStartup,
                                   .size = layout::kApStartupPages.value() * kPageSize,
                                   .type = MemoryType::nvs});
    if (has_acpi)
        hole.insert(
            hole.begin(),
            {{.address = layout::kAcpiTables,
              .size = layout::kAcpiTablePages.value() * kPageSize,
              .type = MemoryType::acpi},
             {.address = layout::kRsdp, .size = layout::kRsdpRange, .type = MemoryType::acpi}});
    auto map = ram_ranges(ram);
    map.insert(map.begin() + 1, hole.begin(), hole.end());
    return map;
}

std::vector<Extent> extents_of(GuestAddr address, std::uint64_t size) {
    std::vector<Extent> extents;
    append_extents(extents, address, size);
    return extents;
}

std::vector<Extent> ram_extents(std::uint64_t ram) {
    std::vector<Extent> extents;
    for (const MemoryRange& range : ram_ranges(ram))
        append_extents(extents, range.address, range.size);
    return extents;
}

std::vector<Gfn> extra_pages(bool has_acpi, ApStartup ap_startup) {
    std::vector<Gfn> pages;
    if (has_acpi) {
        append_pages(pages, to_gfn(layout::kAcpiTables), layout::kAcpiTablePages);
        append_pages(pages, to_gfn(layout::kRsdp), PageCount{1});
    }
    if (ap_startup == ApStartup::vcpuop)
        append_pages(pages, to_gfn(layout::kApStartup), layout::kApStartupPages);
    append_pages(pages, layout::kSpecialPages, layout::kSpecialPageCount);
    return pages;
}

} // namespace pvh::boot
