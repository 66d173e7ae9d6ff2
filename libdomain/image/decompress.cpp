// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/decompress.h"

#include "libdomain/image/decoders.h"
#include "libdomain/image/invalid_kernel.h"
#include "libdomain/image/kernel_image.h"

#include <algorithm>
#include <array>

namespace pvh::image {

namespace {

using namespace std::string_view_literals;

struct CodecRow {
    Codec codec;
    std::string_view name;
    std::string_view magic;
    void (*decode)(const PackedStream&, OutputBuffer&, const Limits&);
};

// Magics as the kernel itself tells initrds apart.   [Linux lib/decompress.c compressed_formats]
constexpr std::array kCodecs{
    CodecRow{Codec::gzip, "gzip", "\x1f\x8b"sv, decode_gzip},
    CodecRow{Codec::bzip2, "bzip2", "BZh"sv, decode_bzip2},
    CodecRow{Codec::xz, "xz", "\xfd\x37zXZ\0"sv, decode_xz},
    CodecRow{Codec::lzma, "lzma", "\x5d\0"sv, decode_lzma},
    CodecRow{Codec::lzo, "lzo", "\x89LZO\0\r\n\x1a\n"sv, decode_lzo},
    CodecRow{Codec::lz4, "lz4", "\x02\x21\x4c\x18"sv, decode_lz4},
    CodecRow{Codec::zstd, "zstd", "\x28\xb5\x2f\xfd"sv, decode_zstd},
};

const CodecRow& row_of(Codec codec) {
    return *std::find_if(kCodecs.begin(), kCodecs.end(),
                         [codec](const CodecRow& row) { return row.codec == codec; });
}

Bytes run(const CodecRow& row, const PackedStream& in, OutputBuffer out, const Limits& limits) {
    try {
        row.decode(in, out, limits);
    } catch (Error& e) {
        e.add_context(fmt::format("{} stream at offset {:#x}", row.name, in.offset));
        throw;
    }
    return std::move(out).take();
}

// What the last member unpacks to, modulo 2^32: no promise, but nearly always the right allocation.
// Deflate cannot expand more than 1032:1, so a lie costs no more than the truth could.   [RFC 1952
// section 2.3.1 ISIZE]
std::uint64_t likely_gunzipped_size(BytesView file) {
    constexpr std::uint64_t kMaxRatio = 1032;
    if (file.size() < sizeof(std::uint32_t)) return 0;
    const std::uint64_t isize = *file.read<std::uint32_t>(file.size() - sizeof(std::uint32_t));
    return std::min(isize, file.size() * kMaxRatio);
}

} // namespace

std::string_view to_string(Codec codec) {
    return row_of(codec).name;
}

std::optional<Codec> sniff_codec(BytesView bytes) {
    for (const CodecRow& row : kCodecs)
        if (has_magic(bytes, row.magic)) return row.codec;
    return std::nullopt;
}

Bytes decompress(Codec codec, const PackedStream& in, std::uint64_t expected_size,
                 const Limits& limits) {
    const CodecRow& row = row_of(codec);
    if (expected_size > limits.max_unpacked)
        throw invalid_kernel(
            "{} stream at offset {:#x} is said to unpack to {} bytes, the limit is {}", row.name,
            in.offset, expected_size, limits.max_unpacked);
    // Allocated whole: a bomb of a few KiB can truly unpack to the limit, so a lie costs no more
    // than the truth.
    Bytes unpacked =
        run(row, in,
            OutputBuffer{expected_size, "the size that its trailing length tells", expected_size},
            limits);
    if (unpacked.size() != expected_size)
        throw invalid_kernel(
            "{} stream at offset {:#x} has a wrong trailing length: it tells {} bytes, {} came out",
            row.name, in.offset, expected_size, unpacked.size());
    return unpacked;
}

Bytes gunzip(const PackedStream& in, const Limits& limits) {
    return run(row_of(Codec::gzip), in,
               OutputBuffer{limits.max_unpacked, "the limit for a kernel",
                            likely_gunzipped_size(in.bytes)},
               limits);
}

} // namespace pvh::image
