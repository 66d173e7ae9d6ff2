// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/decoders.h"
#include "libdomain/image/invalid_kernel.h"

#include <cstddef>

#include <bzlib.h>

namespace pvh::image {

namespace {

const char* describe(int result) {
    if (result == BZ_DATA_ERROR) return "corrupt: a checksum or a code is wrong";
    if (result == BZ_DATA_ERROR_MAGIC) return "corrupt: no bzip2 header";
    return "corrupt: libbz2 gave up";
}

/// Needs less than 4 MiB, whatever the stream says.   [bzip2 manual section 2.5]
class Bunzipper {
  public:
    Bunzipper() {
        if (BZ2_bzDecompressInit(&stream_, /*verbosity=*/0, /*small=*/0) != BZ_OK)
            throw Error{Errc::no_memory, "libbz2 cannot allocate its state"};
    }

    Bunzipper(const Bunzipper&) = delete;
    Bunzipper& operator=(const Bunzipper&) = delete;
    Bunzipper(Bunzipper&&) = delete;
    Bunzipper& operator=(Bunzipper&&) = delete;

    ~Bunzipper() { BZ2_bzDecompressEnd(&stream_); }

    Step step(std::span<const std::byte> input, std::span<std::byte> room) {
        input = clipped(input);
        room = clipped(room);
        // libbz2 knows no const; it only reads there.
        stream_.next_in = const_cast<char*>(reinterpret_cast<const char*>(input.data()));
        stream_.avail_in = static_cast<unsigned>(input.size());
        stream_.next_out = reinterpret_cast<char*>(room.data());
        stream_.avail_out = static_cast<unsigned>(room.size());
        const int result = BZ2_bzDecompress(&stream_);
        if (result == BZ_MEM_ERROR)
            throw Error{Errc::no_memory, "libbz2 cannot allocate its tables"};
        if (result != BZ_OK && result != BZ_STREAM_END)
            throw invalid_kernel("{}", describe(result));
        return {.consumed = input.size() - stream_.avail_in,
                .produced = room.size() - stream_.avail_out,
                .is_end = result == BZ_STREAM_END};
    }

  private:
    bz_stream stream_{};
};

std::uint64_t decode_one(const PackedStream& in, std::uint64_t from, OutputBuffer& out) {
    Bunzipper bunzipper;
    return run_steps(in, from, out,
                     [&bunzipper](auto input, auto room) { return bunzipper.step(input, room); });
}

} // namespace

void decode_bzip2(const PackedStream& in, OutputBuffer& out, const Limits& /*limits*/) {
    std::uint64_t at = decode_one(in, 0, out);
    // pbzip2, which KBZIP2 may name, writes one stream per 900 kB.   [Linux
    // Documentation/kbuild/kbuild.rst]
    while (has_magic(in.bytes, "BZh", at))
        at = decode_one(in, at, out);
    check_nothing_follows(in, at);
}

} // namespace pvh::image
