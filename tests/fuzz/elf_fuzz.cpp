// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes as an ELF file: it is refused with an Error, or all that kernel_image.h promises about an
// image holds.
#include "libdomain/core/error.h"
#include "libdomain/image/kernel_image.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace {

using pvh::GuestAddr;
using pvh::image::KernelImage;

void require(bool holds) {
    if (!holds) __builtin_trap();
}

void check_segments(const KernelImage& image) {
    GuestAddr free_from{0};
    bool is_entry_inside = false;
    for (const auto& segment : image.segments) {
        require(segment.memory_size != 0 && segment.data.size() <= segment.memory_size);
        require(segment.data.empty() ||
                (segment.data.data() >= image.elf.data() &&
                 segment.data.data() + segment.data.size() <= image.elf.data() + image.elf.size()));
        require(segment.address >= free_from);
        free_from = segment.address + segment.memory_size;
        is_entry_inside |= image.entry >= segment.address && image.entry < free_from;
    }
    require(is_entry_inside && image.end == free_from && free_from.value() <= 4 * pvh::kGiB);
    require(image.begin == image.segments.front().address);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint64_t kSmall = 16 * pvh::kMiB;
    const auto bytes = std::as_bytes(std::span{data, size});
    try {
        check_segments(pvh::image::parse_kernel(
            {bytes.begin(), bytes.end()}, {.max_unpacked = kSmall, .max_decoder_memory = kSmall}));
    } catch (const pvh::Error&) { // the other right answer
    }
    return 0;
}
