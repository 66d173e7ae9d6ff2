// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/placement.h"

#include "libdomain/boot/layout.h"
#include "libdomain/boot/memory_map.h"
#include "libdomain/core/error.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

namespace pvh::boot {

namespace {

/// Half-open range of addresses, page aligned where blobs are concerned.
struct Window {
    std::uint64_t begin{};
    std::uint64_t end{};
};

std::uint64_t end_of(const Area& area) {
    return area.address.value() + area.size;
}

/// The pages that an area touches. Nothing else is put there: the builder zeroes and copies by
/// pages.
Window pages_of(const Area& area) {
    return {page_round_down(area.address.value()), page_round_up(end_of(area))};
}

/// The lowest place in the window that no taken area touches.
std::optional<GuestAddr> first_fit(Window window, std::uint64_t size, std::span<const Area> taken) {
    const std::uint64_t need = page_round_up(size);
    std::uint64_t at = window.begin;
    while (at <= window.end && need <= window.end - at) {
        const auto blocks = [&](const Area& area) {
            const Window pages = pages_of(area);
            return pages.begin < at + need && at < pages.end;
        };
        const auto blocker = std::find_if(taken.begin(), taken.end(), blocks);
        if (blocker == taken.end()) return GuestAddr{at};
        at = pages_of(*blocker).end;
    }
    return std::nullopt;
}

/// Where to look, best first.
std::array<Window, 3> windows(const PlacementInput& input) {
    const std::uint64_t end = low_ram_end(input.ram).value();
    const std::uint64_t one_mib = layout::kOneMiB.value();
    const std::uint64_t behind_kernel = std::max(page_round_up(end_of(input.kernel)), one_mib);
    return {{{behind_kernel, end}, {one_mib, end}, {kPageSize, std::min(end, one_mib)}}};
}

std::optional<GuestAddr> find_room(const PlacementInput& input, std::uint64_t size,
                                   std::span<const Area> taken) {
    for (const Window& window : windows(input))
        if (const auto found = first_fit(window, size, taken)) return found;
    return std::nullopt;
}

std::optional<GuestAddr> legacy_rsdp_place(const PlacementInput& input,
                                           std::span<const Area> taken) {
    const Window page{page_round_down(layout::kLegacyRsdp.value()), layout::kOneMiB.value()};
    if (!input.wants_legacy_rsdp || low_ram_end(input.ram) < layout::kOneMiB) return std::nullopt;
    if (!first_fit(page, kPageSize, taken)) return std::nullopt;
    return layout::kLegacyRsdp;
}

/// With populate-on-demand the map shows more RAM than there is: what we load must fit into what
/// there is.
bool fits_initial_ram(const PlacementInput& input) {
    const Window kernel = pages_of(input.kernel);
    std::uint64_t left = input.initial_ram;
    for (const std::uint64_t size :
         {kernel.end - kernel.begin, page_round_up(input.start_info_size),
          page_round_up(input.ramdisk_size)}) {
        if (size > left) return false;
        left -= size;
    }
    return true;
}

std::optional<Placement> try_place(const PlacementInput& input) {
    if (end_of(input.kernel) > low_ram_end(input.ram).value()) return std::nullopt;
    if (!fits_initial_ram(input)) return std::nullopt;
    std::vector<Area> taken{input.kernel};

    Placement placement;
    const auto start_info = find_room(input, input.start_info_size, taken);
    if (!start_info) return std::nullopt;
    placement.start_info = *start_info;
    taken.push_back({"start_info", *start_info, input.start_info_size});

    if (input.ramdisk_size > 0) {
        placement.ramdisk = find_room(input, input.ramdisk_size, taken);
        if (!placement.ramdisk) return std::nullopt;
        taken.push_back({"ramdisk", *placement.ramdisk, input.ramdisk_size});
    }
    placement.legacy_rsdp = legacy_rsdp_place(input, taken);
    if (placement.legacy_rsdp)
        taken.push_back({"RSDP copy", *placement.legacy_rsdp, layout::kRsdpRange});
    require_disjoint(taken);
    return placement;
}

/// The least memory= in MiB that works; nothing if none does, as all has to lie below the hole.
std::optional<std::uint64_t> least_memory_mib(PlacementInput input) {
    const std::uint64_t max_memory = input.ram;
    const auto works = [&](std::uint64_t mib) {
        input.initial_ram = mib * kMiB;
        input.ram = std::max(max_memory, input.initial_ram); // maxmem= goes up with memory=
        return try_place(input).has_value();
    };
    std::uint64_t fails = 0;
    std::uint64_t enough = layout::kMmioHole.value() / kMiB;
    if (!works(enough)) return std::nullopt;
    while (enough - fails > 1) { // more memory never hurts: bisect
        const std::uint64_t middle = fails + (enough - fails) / 2;
        (works(middle) ? enough : fails) = middle;
    }
    return enough;
}

std::uint64_t mib_round_up(std::uint64_t bytes) {
    return bytes / kMiB + (bytes % kMiB != 0 ? 1 : 0);
}

std::string describe(const PlacementInput& input) {
    std::string text = fmt::format("the kernel ends at {:#x} ({} MiB)", end_of(input.kernel),
                                   mib_round_up(end_of(input.kernel)));
    if (input.ramdisk_size > 0)
        text += fmt::format(", the ramdisk has {} bytes ({} MiB)", input.ramdisk_size,
                            mib_round_up(input.ramdisk_size));
    text += fmt::format(", start_info has {} bytes", input.start_info_size);
    return text;
}

Error does_not_fit(const PlacementInput& input) {
    Error error{Errc::invalid_config, fmt::format("memory = {} MiB is too little: {}",
                                                  input.initial_ram / kMiB, describe(input))};
    const auto least = least_memory_mib(input);
    if (least)
        error.with_hint(fmt::format(
            "memory = {} is the least that they fit into; the guest needs more to run", *least));
    else
        error.with_hint(
            fmt::format("no memory= helps: kernel and ramdisk must fit below {:#x} ({} MiB)",
                        layout::kMmioHole.value(), layout::kMmioHole.value() / kMiB));
    return error;
}

} // namespace

Placement place(const PlacementInput& input) {
    const auto placement = try_place(input);
    if (!placement) throw does_not_fit(input);
    return *placement;
}

void require_disjoint(std::vector<Area> areas) {
    const auto ascending = [](const Area& a, const Area& b) { return a.address < b.address; };
    std::sort(areas.begin(), areas.end(), ascending);
    const auto clash = [](const Area& a, const Area& b) { return end_of(a) > b.address.value(); };
    const auto found = std::adjacent_find(areas.begin(), areas.end(), clash);
    if (found == areas.end()) return;
    const Area& second = *std::next(found);
    throw Error{Errc::internal,
                fmt::format("{} at {} with {:#x} bytes overlaps {} at {} with {:#x} bytes",
                            found->what, found->address, found->size, second.what, second.address,
                            second.size)};
}

} // namespace pvh::boot
