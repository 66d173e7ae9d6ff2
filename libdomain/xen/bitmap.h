// SPDX-License-Identifier: LGPL-2.1-or-later
// Bitmaps as Xen's interfaces have them: bit n is bit n % 8 of byte n / 8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pvh::xen {

inline std::vector<bool> bits_of(std::span<const std::uint8_t> bitmap) {
    std::vector<bool> bits(bitmap.size() * 8);
    for (std::size_t i = 0; i < bits.size(); ++i)
        bits[i] = (bitmap[i / 8] >> (i % 8) & 1) != 0;
    return bits;
}

} // namespace pvh::xen
