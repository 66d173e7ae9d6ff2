// SPDX-License-Identifier: LGPL-2.1-or-later
// Inside of decompress: one decoder per codec, and the loop that streaming ones share.
#pragma once

#include "libdomain/image/decompress.h"
#include "libdomain/image/output_buffer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pvh::image {

// Each unpacks all of `in` to `out`, checks what checksums the format has, and throws
// Errc::invalid_kernel if the stream is broken, ends early, or is followed by anything.
void decode_gzip(const PackedStream& in, OutputBuffer& out, const Limits& limits);
void decode_bzip2(const PackedStream& in, OutputBuffer& out, const Limits& limits);
void decode_xz(const PackedStream& in, OutputBuffer& out, const Limits& limits);
void decode_lzma(const PackedStream& in, OutputBuffer& out, const Limits& limits);
void decode_lzo(const PackedStream& in, OutputBuffer& out, const Limits& limits);
void decode_lz4(const PackedStream& in, OutputBuffer& out, const Limits& limits);
void decode_zstd(const PackedStream& in, OutputBuffer& out, const Limits& limits);

/// Throws for a stream that goes on behind the end of the file.
[[noreturn]] void throw_truncated(const PackedStream& in);
/// Throws if the stream ended before `consumed` reached the end of `in`.
void check_nothing_follows(const PackedStream& in, std::uint64_t consumed);

/// What one call of a streaming decoder did.
struct Step {
    std::uint64_t consumed{};
    std::uint64_t produced{};
    bool is_end{}; // of the stream or of a member
};

/// zlib and bzip2 count in 32 bits.
inline constexpr std::size_t kMaxStep = std::size_t{1} << 30U;

template <class T> std::span<T> clipped(std::span<T> bytes) {
    return bytes.first(std::min(bytes.size(), kMaxStep));
}

/// Calls `step(input, room)` until the stream that begins at `from` ends, and returns the position
/// behind it. A step that neither consumes nor produces has nothing left to live from.
template <class StepFunction>
std::uint64_t run_steps(const PackedStream& in, std::uint64_t from, OutputBuffer& out,
                        StepFunction step) {
    std::uint64_t at = from;
    while (true) {
        const Step done = step(in.bytes.span().subspan(at), out.room());
        at += done.consumed;
        out.wrote(done.produced);
        if (done.is_end) return at;
        if (done.consumed == 0 && done.produced == 0) throw_truncated(in);
    }
}

} // namespace pvh::image
