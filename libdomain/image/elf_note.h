// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/ids.h"
#include "libdomain/image/elf.h"

#include <cstdint>
#include <optional>

namespace pvh::image {

/// What a kernel says about itself in notes named "Xen".   [xen/include/public/elfnote.h]
struct XenNotes {
    bool is_any{};
    std::optional<GuestAddr>
        phys32_entry; // XEN_ELFNOTE_PHYS32_ENTRY, not checked against the segments
    std::uint32_t supported_features{}; // XEN_ELFNOTE_SUPPORTED_FEATURES, first word
};

/// Reads the notes of all PT_NOTE segments, and if none of these is Xen's, of all SHT_NOTE
/// sections: Xen's own order. Throws Errc::invalid_kernel for broken notes, for more than 65536 of
/// them, and for entries that contradict each other. Source: xen/common/libelf/libelf-dominfo.c
/// elf_xen_parse.
XenNotes read_xen_notes(const Elf& elf);

} // namespace pvh::image
