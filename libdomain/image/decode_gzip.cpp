// SPDX-License-Identifier: LGPL-2.1-or-later
#define ZLIB_CONST // input is const

#include "libdomain/image/decoders.h"
#include "libdomain/image/invalid_kernel.h"

#include <cstddef>

#include <zlib.h>

namespace pvh::image {

namespace {

/// zlib's state for one member after the other.
class Inflater {
  public:
    Inflater() {
        constexpr int kGzipOnly = 16; // added to the window bits: header and CRC are checked
        if (inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK)
            throw Error{Errc::no_memory, "zlib cannot allocate its state"};
    }

    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    Inflater(Inflater&&) = delete;
    Inflater& operator=(Inflater&&) = delete;

    ~Inflater() { inflateEnd(&stream_); }

    void restart() { inflateReset(&stream_); }

    Step step(std::span<const std::byte> input, std::span<std::byte> room) {
        input = clipped(input);
        room = clipped(room);
        stream_.next_in = reinterpret_cast<const Bytef*>(input.data());
        stream_.avail_in = static_cast<uInt>(input.size());
        stream_.next_out = reinterpret_cast<Bytef*>(room.data());
        stream_.avail_out = static_cast<uInt>(room.size());
        const int result = inflate(&stream_, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            throw invalid_kernel("corrupt: {}",
                                 stream_.msg != nullptr ? stream_.msg : "inflate failed");
        return {.consumed = input.size() - stream_.avail_in,
                .produced = room.size() - stream_.avail_out,
                .is_end = result == Z_STREAM_END};
    }

  private:
    z_stream stream_{};
};

} // namespace

void decode_gzip(const PackedStream& in, OutputBuffer& out, const Limits& /*limits*/) {
    Inflater inflater;
    const auto step = [&inflater](auto input, auto room) { return inflater.step(input, room); };
    std::uint64_t at = run_steps(in, 0, out, step);
    // Members may follow each other and count as one file.   [RFC 1952 section 2.2]
    while (has_magic(in.bytes, "\x1f\x8b", at)) {
        inflater.restart();
        at = run_steps(in, at, out, step);
    }
    check_nothing_follows(in, at);
}

} // namespace pvh::image
