// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/ident_pt.h"

#include "libdomain/boot/compose.h"
#include "libdomain/core/ids.h"

namespace pvh::boot {

namespace {

// Present, writable, user, accessed, dirty, 4 MiB page.   [Intel SDM vol. 3A table 4-4]
constexpr std::uint32_t kFlags = 0xe7;
constexpr unsigned kBigPageShift = 22;

} // namespace

Bytes compose_ident_pt() {
    Bytes page(kPageSize);
    for (std::uint32_t i = 0; i < kPageSize / sizeof(std::uint32_t); ++i)
        put(page, i * sizeof(std::uint32_t), (i << kBigPageShift) | kFlags);
    return page;
}

} // namespace pvh::boot
