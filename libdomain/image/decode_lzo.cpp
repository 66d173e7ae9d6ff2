// SPDX-License-Identifier: LGPL-2.1-or-later
// The container that lzop writes, all numbers big endian.   [Linux lib/decompress_unlzo.c; lzop's
// own lzop.c]
#include "libdomain/image/decoders.h"
#include "libdomain/image/invalid_kernel.h"

#ifndef PVH_HAVE_LZO

namespace pvh::image {

void decode_lzo(const PackedStream& /*in*/, OutputBuffer& /*out*/, const Limits& /*limits*/) {
    throw Error{Errc::unsupported, "this build has no LZO decoder"}.with_hint(
        "configure with -DPVH_LZO=ON, or use a kernel with another compression");
}

} // namespace pvh::image

#else

#include <cstring>
#include <optional>

#include <lzo/lzo1x.h>
#include <zlib.h>

namespace pvh::image {

namespace {

constexpr std::uint64_t kMagicSize = 9;
constexpr std::uint16_t kOldestVersion = 0x0940; // from 1997; older headers lack fields
constexpr std::uint32_t kMaxBlock = 256 * 1024;  // the kernel's own decoder takes no more

enum Flag : std::uint32_t { // lzop's names, without F_
    adler32_d = 0x1,        // of a block unpacked
    adler32_c = 0x2,        // of a block packed
    h_extra_field = 0x40,
    crc32_d = 0x100,
    crc32_c = 0x200,
    multipart = 0x400,
    h_filter = 0x800,
    h_crc32 = 0x1000, // the header's checksum is a CRC
};

/// Reads the container from front to back.
class Reader {
  public:
    explicit Reader(const PackedStream& in) : in_{in} {}

    BytesView take(std::uint64_t length) {
        const auto bytes = in_.bytes.sub(at_, length);
        if (!bytes) throw_truncated(in_);
        at_ += length;
        return *bytes;
    }

    void skip(std::uint64_t length) { take(length); }

    std::uint8_t u8() { return *take(1).read<std::uint8_t>(0); }

    std::uint16_t u16() { return __builtin_bswap16(*take(2).read<std::uint16_t>(0)); }

    std::uint32_t u32() { return __builtin_bswap32(*take(4).read<std::uint32_t>(0)); }

    [[nodiscard]] std::uint64_t at() const { return at_; }

    [[nodiscard]] std::uint64_t file_offset() const { return in_.offset + at_; }

  private:
    const PackedStream& in_;
    std::uint64_t at_{0};
};

const Bytef* as_bytef(const std::byte* bytes) {
    return reinterpret_cast<const Bytef*>(bytes);
}

std::uint32_t adler32_of(BytesView bytes) {
    return static_cast<std::uint32_t>(adler32_z(1, as_bytef(bytes.data()), bytes.size()));
}

std::uint32_t crc32_of(BytesView bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, as_bytef(bytes.data()), bytes.size()));
}

void check_flags(std::uint32_t flags) {
    const std::uint32_t refused = flags & (h_extra_field | multipart | h_filter);
    if (refused != 0)
        throw invalid_kernel("header flags {:#x} ask for {:#x} (extra field 0x40, multipart 0x400, "
                             "filter 0x800), which no kernel uses",
                             flags, refused);
}

void check_header_sum(std::uint32_t flags, BytesView header, std::uint32_t stored) {
    const std::uint32_t sum = (flags & h_crc32) != 0 ? crc32_of(header) : adler32_of(header);
    if (sum != stored)
        throw invalid_kernel("corrupt: header checksum is {:#x}, the header says {:#x}", sum,
                             stored);
}

/// Steps over the header and returns its flags.
std::uint32_t read_header(const PackedStream& in, Reader& reader) {
    reader.skip(kMagicSize);
    const std::uint16_t version = reader.u16();
    if (version < kOldestVersion)
        throw invalid_kernel("lzop version {:#x}, at least {:#x} is needed", version,
                             kOldestVersion);
    reader.skip(2 + 2 + 1 +
                1); // library version, version needed, method, level: LZO1X whatever they say
    const std::uint32_t flags = reader.u32();
    check_flags(flags);
    reader.skip(4 + 4 + 4); // mode, mtime low, mtime high
    const std::uint8_t name_length = reader.u8();
    reader.skip(name_length);
    const std::uint64_t end = reader.at();
    const std::uint32_t stored_sum = reader.u32();
    check_header_sum(flags, *in.bytes.sub(kMagicSize, end - kMagicSize), stored_sum);
    return flags;
}

/// The checksums that stand before a block's bytes. Those of packed bytes are skipped: the unpacked
/// ones say more.
struct BlockSums {
    std::optional<std::uint32_t> adler, crc;
};

BlockSums read_block_sums(Reader& reader, std::uint32_t flags, bool is_packed) {
    BlockSums sums;
    if ((flags & adler32_d) != 0) sums.adler = reader.u32();
    if ((flags & crc32_d) != 0) sums.crc = reader.u32();
    if (is_packed && (flags & adler32_c) != 0) reader.skip(4);
    if (is_packed && (flags & crc32_c) != 0) reader.skip(4);
    return sums;
}

bool agrees(const BlockSums& sums, BytesView unpacked) {
    return (!sums.adler || *sums.adler == adler32_of(unpacked)) &&
           (!sums.crc || *sums.crc == crc32_of(unpacked));
}

bool unpack_block(BytesView packed, std::span<std::byte> target) {
    if (packed.size() == target.size()) { // did not shrink, so it is stored
        std::memcpy(target.data(), packed.data(), packed.size());
        return true;
    }
    lzo_uint produced = target.size();
    const int result =
        lzo1x_decompress_safe(as_bytef(packed.data()), packed.size(),
                              reinterpret_cast<lzo_bytep>(target.data()), &produced, nullptr);
    return result == LZO_E_OK && produced == target.size();
}

void decode_block(Reader& reader, std::uint32_t flags, std::uint32_t size, OutputBuffer& out) {
    const std::uint64_t where = reader.file_offset() - sizeof(size);
    const std::uint32_t packed_size = reader.u32();
    if (size > kMaxBlock || packed_size == 0 || packed_size > size)
        throw invalid_kernel(
            "block at offset {:#x} says {} bytes packed to {}; the first is at most {}, "
            "the second at least 1 and no larger than the first",
            where, size, packed_size, kMaxBlock);
    const BlockSums sums = read_block_sums(reader, flags, packed_size < size);
    const BytesView packed = reader.take(packed_size);
    const auto room = out.room(size);
    if (room.size() < size) out.overflow();
    const auto target = room.first(size);
    if (!unpack_block(packed, target))
        throw invalid_kernel("corrupt: block at offset {:#x}", where);
    if (!agrees(sums, BytesView{target}))
        throw invalid_kernel("corrupt: block at offset {:#x} has a wrong checksum", where);
    out.wrote(size);
}

} // namespace

void decode_lzo(const PackedStream& in, OutputBuffer& out, const Limits& /*limits*/) {
    if (lzo_init() != LZO_E_OK) throw Error{Errc::internal, "liblzo2 does not fit this program"};
    Reader reader{in};
    const std::uint32_t flags = read_header(in, reader);
    while (const std::uint32_t size = reader.u32())
        decode_block(reader, flags, size, out);
    check_nothing_follows(in, reader.at());
}

} // namespace pvh::image

#endif
