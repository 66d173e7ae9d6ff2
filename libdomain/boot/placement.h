// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the builder's blobs go in a guest's RAM, around a kernel whose place is its own choice.
#pragma once

#include "libdomain/core/ids.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pvh::boot {

/// Bytes of guest memory that somebody has.
struct Area {
    const char* what{}; // for messages
    GuestAddr address;
    std::uint64_t size{}; // bytes, positive
    friend bool operator==(const Area&, const Area&) = default;
};

/// What has to be in the guest's RAM below 4 GiB before it runs.
struct PlacementInput {
    /// From the first to the last byte of the kernel's segments. Gaps between them count as the
    /// kernel's own: it knows what it will do there, we do not.
    Area kernel;
    std::uint64_t start_info_size{}; // positive
    std::uint64_t ramdisk_size{};    // 0: there is none
    /// RAM of the map (maxmem) and how much of it exists at boot (memory), in bytes; equal but for
    /// populate-on-demand.
    std::uint64_t ram{};
    std::uint64_t initial_ram{};
    /// The kernel may look for the RSDP in low memory only.
    bool wants_legacy_rsdp{};
};

struct Placement {
    GuestAddr start_info;
    std::optional<GuestAddr> ramdisk;
    std::optional<GuestAddr>
        legacy_rsdp; // nothing if not wanted, or if that page is taken or no RAM
    friend bool operator==(const Placement&, const Placement&) = default;
};

/// Puts start_info and ramdisk at page boundaries of low RAM: behind the kernel if there is room,
/// as libxenguest does, else between 1 MiB and the kernel, else in the first MiB, never in page 0
/// (a null pointer to many a guest). Areas are disjoint: checked. Throws Errc::invalid_config with
/// the numbers, and with the least memory= that works as hint.
Placement place(const PlacementInput& input);

/// Throws Errc::internal naming both if two areas overlap: a proof at run time, for what place() is
/// meant to guarantee.
void require_disjoint(std::vector<Area> areas);

} // namespace pvh::boot
