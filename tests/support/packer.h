// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/bytes_view.h"
#include "libdomain/image/decompress.h"

namespace pvh::test {

/// Packs as the tools that Linux's build runs do: gzip, bzip2, xz, lzma, lzop, lz4 -l, zstd.
Bytes pack(image::Codec codec, BytesView content);

/// An xz or lzma stream whose header asks for a dictionary of that size; 2^32 is written as the
/// largest there is. The content is small, so only the header says so.
Bytes xz_with_dictionary(BytesView content, std::uint64_t size);
Bytes lzma_with_dictionary(BytesView content, std::uint32_t size);

/// A zstd frame of one raw block with a window of 2^log bytes; `content` is below 128 KiB.
Bytes zstd_with_window(BytesView content, unsigned log);

} // namespace pvh::test
