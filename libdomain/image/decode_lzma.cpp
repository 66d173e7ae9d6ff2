// SPDX-License-Identifier: LGPL-2.1-or-later
// xz and its ancestor, "LZMA alone": one library, two containers.
#include "libdomain/image/decoders.h"
#include "libdomain/image/invalid_kernel.h"
#include "libdomain/image/kernel_image.h"

#include <cstddef>

#include <lzma.h>

namespace pvh::image {

namespace {

using Starter = lzma_ret (*)(lzma_stream*, std::uint64_t memory_limit);

lzma_ret start_xz(lzma_stream* stream, std::uint64_t memory_limit) {
    return lzma_stream_decoder(stream, memory_limit, /*flags=*/0);
}

class LzmaDecoder {
  public:
    LzmaDecoder(Starter start, std::uint64_t memory_limit) {
        if (start(&stream_, memory_limit) != LZMA_OK)
            throw Error{Errc::no_memory, "liblzma cannot allocate its state"};
    }

    LzmaDecoder(const LzmaDecoder&) = delete;
    LzmaDecoder& operator=(const LzmaDecoder&) = delete;
    LzmaDecoder(LzmaDecoder&&) = delete;
    LzmaDecoder& operator=(LzmaDecoder&&) = delete;

    ~LzmaDecoder() { lzma_end(&stream_); }

    Step step(std::span<const std::byte> input, std::span<std::byte> room) {
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
        stream_.avail_in = input.size();
        stream_.next_out = reinterpret_cast<std::uint8_t*>(room.data());
        stream_.avail_out = room.size();
        const lzma_ret result = lzma_code(&stream_, LZMA_RUN);
        if (result != LZMA_STREAM_END) check(result);
        return {.consumed = input.size() - stream_.avail_in,
                .produced = room.size() - stream_.avail_out,
                .is_end = result == LZMA_STREAM_END};
    }

  private:
    void check(lzma_ret result) {
        switch (result) {
        case LZMA_OK:
        case LZMA_BUF_ERROR: // no progress: the caller sees that in the counts
            return;
        case LZMA_MEM_ERROR:
            throw Error{Errc::no_memory,
                        fmt::format("liblzma cannot allocate {} bytes", lzma_memusage(&stream_))};
        case LZMA_MEMLIMIT_ERROR:
            throw invalid_kernel("its dictionary needs {} bytes of decoder memory, the limit is {}",
                                 lzma_memusage(&stream_), lzma_memlimit_get(&stream_));
        case LZMA_OPTIONS_ERROR:
            throw invalid_kernel("uses a filter or an option that liblzma does not know");
        case LZMA_FORMAT_ERROR:
            throw invalid_kernel("corrupt: wrong header");
        default:
            throw invalid_kernel("corrupt: a checksum or a code is wrong");
        }
    }

    lzma_stream stream_ = LZMA_STREAM_INIT;
};

void decode_with(Starter start, const PackedStream& in, OutputBuffer& out, const Limits& limits) {
    LzmaDecoder decoder{start, limits.max_decoder_memory};
    const std::uint64_t at = run_steps(
        in, 0, out, [&decoder](auto input, auto room) { return decoder.step(input, room); });
    check_nothing_follows(in, at);
}

} // namespace

void decode_xz(const PackedStream& in, OutputBuffer& out, const Limits& limits) {
    decode_with(start_xz, in, out, limits);
}

void decode_lzma(const PackedStream& in, OutputBuffer& out, const Limits& limits) {
    decode_with(lzma_alone_decoder, in, out, limits);
}

} // namespace pvh::image
