// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/packer.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include <bzlib.h>
#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#ifdef PVH_HAVE_LZO
#include <lzo/lzo1x.h>
#endif

#include "libdomain/core/ids.h"
#include "tests/support/elf_builder.h"

namespace pvh::test {

namespace {

void require(bool is_done, const char* what) {
    if (!is_done) throw std::runtime_error{std::string{"cannot pack: "} + what};
}

const std::uint8_t* in_bytes(BytesView view) {
    return reinterpret_cast<const std::uint8_t*>(view.data());
}

std::uint8_t* out_bytes(Bytes& bytes) {
    return reinterpret_cast<std::uint8_t*>(bytes.data());
}

Bytes pack_gzip(BytesView content) {
    z_stream stream{};
    require(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK,
            "gzip");
    Bytes packed(deflateBound(&stream, content.size()) + 32);
    stream.next_in = const_cast<Bytef*>(in_bytes(content));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = out_bytes(packed);
    stream.avail_out = static_cast<uInt>(packed.size());
    const int result = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    require(result == Z_STREAM_END, "gzip");
    return packed;
}

Bytes pack_bzip2(BytesView content) {
    auto size = static_cast<unsigned>(content.size() + content.size() / 100 + 600);
    Bytes packed(size);
    char* input = const_cast<char*>(reinterpret_cast<const char*>(content.data()));
    require(BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(packed.data()), &size, input,
                                     static_cast<unsigned>(content.size()), 9, 0, 0) == BZ_OK,
            "bzip2");
    packed.resize(size);
    return packed;
}

/// Runs a started encoder to its end.
Bytes finish_lzma(lzma_stream stream, BytesView content) {
    Bytes packed(lzma_stream_buffer_bound(content.size()));
    stream.next_in = in_bytes(content);
    stream.avail_in = content.size();
    stream.next_out = out_bytes(packed);
    stream.avail_out = packed.size();
    const lzma_ret result = lzma_code(&stream, LZMA_FINISH);
    packed.resize(stream.total_out);
    lzma_end(&stream);
    require(result == LZMA_STREAM_END, "xz or lzma");
    return packed;
}

Bytes pack_xz(BytesView content) {
    lzma_stream stream = LZMA_STREAM_INIT;
    require(lzma_easy_encoder(&stream, 0, LZMA_CHECK_CRC32) == LZMA_OK, "xz");
    return finish_lzma(stream, content);
}

Bytes pack_lzma(BytesView content) {
    lzma_options_lzma options{};
    lzma_lzma_preset(&options, 0);
    lzma_stream stream = LZMA_STREAM_INIT;
    require(lzma_alone_encoder(&stream, &options) == LZMA_OK, "lzma");
    return finish_lzma(stream, content);
}

Bytes pack_zstd(BytesView content) {
    Bytes packed(ZSTD_compressBound(content.size()));
    const std::size_t size =
        ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), 3);
    require(ZSTD_isError(size) == 0, "zstd");
    packed.resize(size);
    return packed;
}

/// Calls `each(block)` for the content cut in blocks of that size.
template <class Each> void for_blocks(BytesView content, std::uint64_t size, Each each) {
    for (std::uint64_t at = 0; at < content.size(); at += size)
        each(*content.sub(at, std::min(size, content.size() - at)));
}

Bytes pack_lz4(BytesView content) {
    Bytes packed = bytes_of(std::uint32_t{0x184c2102});
    for_blocks(content, 8 * kMiB, [&packed](BytesView block) {
        Bytes out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(block.size()))));
        const int size = LZ4_compress_default(
            reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(out.data()),
            static_cast<int>(block.size()), static_cast<int>(out.size()));
        require(size > 0, "lz4");
        out.resize(static_cast<std::size_t>(size));
        packed = join({packed, bytes_of(static_cast<std::uint32_t>(size)), out});
    });
    return packed;
}

#ifdef PVH_HAVE_LZO

Bytes big_endian(std::uint32_t value) {
    return bytes_of(__builtin_bswap32(value));
}

std::uint32_t adler32_of(BytesView bytes) {
    return static_cast<std::uint32_t>(adler32_z(1, in_bytes(bytes), bytes.size()));
}

Bytes lzop_header() {
    constexpr std::array<std::uint8_t, 8> kVersions{0x10, 0x40, 0x20,         0xa0,
                                                    0x09, 0x40, /*method*/ 3, /*level*/ 9};
    const Bytes fields =
        join({bytes_of(kVersions), big_endian(/*F_ADLER32_D*/ 1), big_endian(0100644),
              big_endian(0), big_endian(0), bytes_of(std::uint8_t{0})});
    return join(
        {bytes_of_text({"\x89LZO\0\r\n\x1a\n", 9}), fields, big_endian(adler32_of(fields))});
}

Bytes lzo_block(BytesView block) {
    Bytes work(LZO1X_1_MEM_COMPRESS);
    Bytes out(block.size() + block.size() / 16 + 67);
    lzo_uint size = out.size();
    require(lzo1x_1_compress(in_bytes(block), block.size(), out_bytes(out), &size, work.data()) ==
                LZO_E_OK,
            "lzo");
    out.resize(size);
    if (size >= block.size()) out.assign(block.span().begin(), block.span().end());
    return join({big_endian(static_cast<std::uint32_t>(block.size())),
                 big_endian(static_cast<std::uint32_t>(out.size())), big_endian(adler32_of(block)),
                 out});
}

Bytes pack_lzo(BytesView content) {
    Bytes packed = lzop_header();
    for_blocks(content, 256ULL * 1024, [&packed](BytesView block) {
        const Bytes more = lzo_block(block);
        packed.insert(packed.end(), more.begin(), more.end());
    });
    return join({packed, big_endian(0)});
}

#else

Bytes pack_lzo(BytesView /*content*/) {
    throw std::runtime_error{"built without LZO"};
}

#endif

} // namespace

Bytes pack(image::Codec codec, BytesView content) {
    switch (codec) {
    case image::Codec::gzip:
        return pack_gzip(content);
    case image::Codec::bzip2:
        return pack_bzip2(content);
    case image::Codec::xz:
        return pack_xz(content);
    case image::Codec::lzma:
        return pack_lzma(content);
    case image::Codec::lzo:
        return pack_lzo(content);
    case image::Codec::lz4:
        return pack_lz4(content);
    case image::Codec::zstd:
        return pack_zstd(content);
    }
    throw std::runtime_error{"no such codec"};
}

Bytes xz_with_dictionary(BytesView content, std::uint64_t size) {
    // [xz-file-format.txt 3.1 "Block Header", 5.3.1 "LZMA2"]: size byte, flags, filter 0x21,
    // properties size 1, the dictionary's size as 2 or 3 times a power of two, padding, CRC32 over
    // all of that.
    constexpr std::size_t kBlockHeader = 12;
    constexpr std::size_t kDictionary = kBlockHeader + 4;
    constexpr std::uint8_t kLargest = 40;
    Bytes packed = pack_xz(content);
    const std::size_t header_size = (std::to_integer<std::size_t>(packed.at(kBlockHeader)) + 1) * 4;
    std::uint8_t code = 0;
    while (code < kLargest && (std::uint64_t{2} | (code & 1U)) << (code / 2U + 11U) < size)
        ++code;
    packed.at(kDictionary) = std::byte{code};
    const std::uint32_t crc = lzma_crc32(out_bytes(packed) + kBlockHeader, header_size - 4, 0);
    std::memcpy(packed.data() + kBlockHeader + header_size - 4, &crc, sizeof(crc));
    return packed;
}

Bytes lzma_with_dictionary(BytesView content, std::uint32_t size) {
    Bytes packed = pack_lzma(content);
    std::memcpy(packed.data() + 1, &size, sizeof(size)); // behind the properties byte
    return packed;
}

Bytes zstd_with_window(BytesView content, unsigned log) {
    // [RFC 8878 3.1.1]: descriptor 0 (no size, no checksum), window byte, then a last raw block.
    const auto window = static_cast<std::uint8_t>((log - 10U) << 3U);
    const auto block = static_cast<std::uint32_t>(content.size() << 3U | 1U);
    Bytes packed =
        join({bytes_of(std::uint32_t{0xfd2fb528}), bytes_of(std::uint8_t{0}), bytes_of(window)});
    const Bytes header = bytes_of(block);
    packed.insert(packed.end(), header.begin(), header.begin() + 3);
    packed.insert(packed.end(), content.span().begin(), content.span().end());
    return packed;
}

} // namespace pvh::test
