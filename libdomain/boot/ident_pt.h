// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/bytes_view.h"

namespace pvh::boot {

/// The page directory behind HVM_PARAM_IDENT_PT: 1024 entries of 4 MiB that map each address to
/// itself. Intel CPUs without "unrestricted guest" run a guest whose paging is off on it.
/// [tools/libs/guest/xg_dom_x86.c alloc_magic_pages_hvm]
Bytes compose_ident_pt();

} // namespace pvh::boot
