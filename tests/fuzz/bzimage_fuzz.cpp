// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes as what differs between bzImages. The sectors around them are made here, so that the fuzzer
// need not guess "HdrS": setup_sects, version, payload_offset, payload_length, then what lies
// behind the first two sectors.
#include "libdomain/core/error.h"
#include "libdomain/image/kernel_image.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace {

using pvh::Bytes;

constexpr std::size_t kFields = 1 + 2 + 4 + 4;
constexpr std::size_t kSectors = 1024;

void put(Bytes& file, std::size_t at, std::span<const std::byte> bytes) {
    std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
}

Bytes bzimage_of(std::span<const std::byte> input) {
    Bytes file(kSectors);
    put(file, 0x1f1, input.subspan(0, 1));
    put(file, 0x202, std::as_bytes(std::span{"HdrS", 4}));
    put(file, 0x206, input.subspan(1, 2));
    put(file, 0x248, input.subspan(3, 8));
    const auto rest = input.subspan(kFields);
    file.insert(file.end(), rest.begin(), rest.end());
    return file;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint64_t kSmall = 16 * pvh::kMiB;
    if (size < kFields) return 0;
    try {
        pvh::image::parse_kernel(bzimage_of(std::as_bytes(std::span{data, size})),
                                 {.max_unpacked = kSmall, .max_decoder_memory = kSmall});
    } catch (const pvh::Error&) { // refusing is right, dying is not
    }
    return 0;
}
