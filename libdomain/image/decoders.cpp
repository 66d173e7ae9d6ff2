// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/decoders.h"

#include "libdomain/image/invalid_kernel.h"

namespace pvh::image {

void throw_truncated(const PackedStream& in) {
    throw invalid_kernel("truncated: the stream goes on behind its last byte at offset {:#x}",
                         in.offset + in.bytes.size());
}

void check_nothing_follows(const PackedStream& in, std::uint64_t consumed) {
    if (consumed == in.bytes.size()) return;
    throw invalid_kernel("the stream ends at offset {:#x}, but {} bytes follow it",
                         in.offset + consumed, in.bytes.size() - consumed);
}

} // namespace pvh::image
