// SPDX-License-Identifier: LGPL-2.1-or-later
// The legacy frame, which `lz4 -l` writes and Linux's build uses: a magic, then blocks of at most 8
// MiB, each behind its packed size. No checksum, no end mark.   [lz4 doc/lz4_Frame_format.md
// "Legacy frame"; Linux lib/decompress_unlz4.c]
#include "libdomain/core/ids.h"
#include "libdomain/image/decoders.h"
#include "libdomain/image/invalid_kernel.h"

#include <algorithm>
#include <optional>

#include <lz4.h>

namespace pvh::image {

namespace {

constexpr std::uint32_t kMagic = 0x184c2102;
constexpr std::uint64_t kMaxBlock = 8 * kMiB;

std::uint32_t read_word(const PackedStream& in, std::uint64_t at) {
    const auto word = in.bytes.read<std::uint32_t>(at);
    if (!word) throw_truncated(in);
    return *word;
}

void decode_block(BytesView packed, std::uint64_t file_offset, OutputBuffer& out) {
    const auto room = out.room(kMaxBlock);
    const auto capacity = std::min(room.size(), std::size_t{kMaxBlock});
    const int produced = LZ4_decompress_safe(
        reinterpret_cast<const char*>(packed.data()), reinterpret_cast<char*>(room.data()),
        static_cast<int>(packed.size()), static_cast<int>(capacity));
    if (produced < 0)
        throw invalid_kernel("corrupt: block at offset {:#x} is broken or unpacks to more than the "
                             "{} bytes left to it",
                             file_offset, capacity);
    out.wrote(static_cast<std::uint64_t>(produced));
}

} // namespace

void decode_lz4(const PackedStream& in, OutputBuffer& out, const Limits& /*limits*/) {
    const std::uint64_t max_packed = LZ4_COMPRESSBOUND(kMaxBlock);
    std::uint64_t at = 0;
    while (at < in.bytes.size()) {
        const std::uint32_t packed_size = read_word(in, at);
        at += sizeof(packed_size);
        if (packed_size == kMagic) continue; // the stream begins, or another one is appended
        if (packed_size > max_packed)
            throw invalid_kernel(
                "block at offset {:#x} says {} packed bytes, at most {} are possible",
                in.offset + at - sizeof(packed_size), packed_size, max_packed);
        const auto packed = in.bytes.sub(at, packed_size);
        if (!packed) throw_truncated(in);
        decode_block(*packed, in.offset + at, out);
        at += packed_size;
    }
}

} // namespace pvh::image
