// SPDX-License-Identifier: LGPL-2.1-or-later
// A codec, the size that is said to come out (16 bits), and a stream for it.
#include "libdomain/core/error.h"
#include "libdomain/image/decompress.h"
#include "libdomain/image/kernel_image.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace {

constexpr std::size_t kFields = 1 + 2;
constexpr std::uint8_t kCodecs = 7;

void unpack(std::uint8_t selector, pvh::BytesView stream, std::uint64_t expected) {
    constexpr std::uint64_t kSmall = 16 * pvh::kMiB;
    const pvh::image::Limits limits{.max_unpacked = kSmall, .max_decoder_memory = kSmall};
    const pvh::image::PackedStream in{.bytes = stream, .offset = 0};
    if (selector % (kCodecs + 1) == kCodecs) {
        if (pvh::image::gunzip(in, limits).size() > kSmall) __builtin_trap();
        return;
    }
    const auto codec = static_cast<pvh::image::Codec>(selector % (kCodecs + 1));
    if (pvh::image::decompress(codec, in, expected, limits).size() != expected) __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < kFields) return 0;
    const std::uint64_t expected = data[1] + 256U * data[2];
    try {
        unpack(data[0], std::as_bytes(std::span{data, size}.subspan(kFields)), expected);
    } catch (const pvh::Error&) { // refusing is right, dying is not
    }
    return 0;
}
