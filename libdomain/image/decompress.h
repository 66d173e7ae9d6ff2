// SPDX-License-Identifier: LGPL-2.1-or-later
// The seven codecs that Linux offers for its kernel (KERNEL_GZIP .. KERNEL_ZSTD).   [Linux
// init/Kconfig]
#pragma once

#include "libdomain/core/bytes_view.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace pvh::image {

struct Limits;

enum class Codec { gzip, bzip2, xz, lzma, lzo, lz4, zstd };

/// The name as people know it, e.g. "xz".
std::string_view to_string(Codec codec);

/// Tells the codec by the first bytes; nothing if they are none of the seven.
std::optional<Codec> sniff_codec(BytesView bytes);

/// Compressed bytes and where in the file they begin: errors tell file offsets.
struct PackedStream {
    BytesView bytes;
    std::uint64_t offset{};
};

/// Unpacks a stream of which somebody, not trusted, said what size comes out. All of `in` belongs
/// to the stream. Nothing is allocated for a size above limits.max_unpacked, and decoders stay
/// below limits.max_decoder_memory. Throws Errc::invalid_kernel for a broken, truncated or followed
/// stream, and if not exactly `expected_size` bytes come out; Errc::unsupported for lzo in a build
/// without it.
Bytes decompress(Codec codec, const PackedStream& in, std::uint64_t expected_size,
                 const Limits& limits);

/// Unpacks a gzip file of one or more members, of a size that nobody knows beforehand.
/// Same limits and errors as decompress.
Bytes gunzip(const PackedStream& in, const Limits& limits);

} // namespace pvh::image
