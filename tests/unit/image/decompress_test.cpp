// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/decompress.h"
#include "libdomain/image/kernel_image.h"
#include "tests/support/elf_builder.h"
#include "tests/support/packer.h"
#include "tests/unit/image/rejection.h"

#include <numeric>

namespace pvh::test {

namespace {

using image::Codec;
using image::Limits;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::uint64_t kStreamOffset = 0x4000; // where the tests say that their streams lie
constexpr std::uint64_t kBombSize = 64 * kMiB;

Bytes unpack(Codec codec, BytesView stream, std::uint64_t expected, const Limits& limits = {}) {
    return image::decompress(codec, {.bytes = stream, .offset = kStreamOffset}, expected, limits);
}

std::string refusal_of(Codec codec, const Bytes& stream, std::uint64_t expected,
                       const Limits& limits = {}) {
    const Error error = error_of([&] { unpack(codec, stream, expected, limits); });
    EXPECT_EQ(error.code(), Errc::invalid_kernel) << error.what();
    return error.what();
}

/// Neither constant nor random: half of the bytes follow from the ones before.
Bytes some_content(std::size_t size) {
    Bytes content(size);
    std::uint32_t state = 1;
    for (std::byte& byte : content) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<std::byte>((state & 0x80000000U) != 0 ? state >> 24U : 0U);
    }
    return content;
}

class EachCodec : public testing::TestWithParam<Codec> {
  protected:
    void SetUp() override {
#ifndef PVH_HAVE_LZO
        if (GetParam() == Codec::lzo) GTEST_SKIP() << "built without LZO";
#endif
    }
};

} // namespace

TEST_P(EachCodec, IsToldByItsFirstBytes) {
    EXPECT_EQ(image::sniff_codec(pack(GetParam(), some_content(100))), GetParam());
}

TEST_P(EachCodec, GivesBackWhatWasPacked) {
    const Bytes content = some_content(700'000);
    EXPECT_EQ(unpack(GetParam(), pack(GetParam(), content), content.size()), content);
}

TEST_P(EachCodec, GivesBackWhatDoesNotShrink) {
    Bytes content = some_content(5000);
    std::uint32_t state = 7;
    for (std::byte& byte : content)
        byte = static_cast<std::byte>((state = state * 1664525 + 1013904223) >> 24U);
    EXPECT_EQ(unpack(GetParam(), pack(GetParam(), content), content.size()), content);
}

TEST_P(EachCodec, RejectsEveryTruncation) {
    const Bytes content = some_content(20'000);
    const Bytes whole = pack(GetParam(), content);
    for (std::size_t size = 0; size < whole.size(); size += 37)
        refusal_of(GetParam(), {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)},
                   content.size());
}

TEST_P(EachCodec, RejectsOneByteBehindTheStream) {
    const Bytes content = some_content(1000);
    refusal_of(GetParam(), join({pack(GetParam(), content), Bytes(1)}), content.size());
    refusal_of(GetParam(), join({pack(GetParam(), content), Bytes(1, std::byte{0xff})}),
               content.size());
}

TEST_P(EachCodec, SurvivesEachFlippedByte) {
    const Bytes content = some_content(3000);
    const Bytes whole = pack(GetParam(), content);
    for (std::size_t at = 0; at < whole.size(); at += 5) {
        Bytes broken = whole;
        broken[at] ^= std::byte{0x55};
        try {
            EXPECT_EQ(unpack(GetParam(), broken, content.size()).size(), content.size());
        } catch (const Error& e) {
            EXPECT_EQ(e.code(), Errc::invalid_kernel);
        }
    }
}

TEST_P(EachCodec, ErrorsTellCodecAndPlace) {
    const Bytes whole = pack(GetParam(), some_content(1000));
    EXPECT_THAT(refusal_of(GetParam(), {whole.begin(), whole.begin() + 40}, 1000),
                StartsWith(fmt::format("{} stream at offset 0x4000: ", to_string(GetParam()))));
}

TEST_P(EachCodec, RejectsBombThatIsHonestAboutItsSize) {
    const Bytes bomb = pack(GetParam(), Bytes(1000)); // nothing is unpacked, so a small one will do
    EXPECT_THAT(refusal_of(GetParam(), bomb, kBombSize, {.max_unpacked = 16 * kMiB}),
                HasSubstr("said to unpack to 67108864 bytes, the limit is 16777216"));
}

TEST_P(EachCodec, RejectsBombThatLiesAboutItsSize) {
    static const Bytes zeros(kBombSize);
    const Bytes bomb = pack(GetParam(), zeros);
    const std::string text = refusal_of(GetParam(), bomb, kMiB + 1);
    EXPECT_THAT(text,
                testing::AnyOf(HasSubstr("unpacks to more than 1048577 bytes"),
                               HasSubstr("unpacks to more than the 1048578 bytes left to it")));
}

INSTANTIATE_TEST_SUITE_P(Decompress, EachCodec,
                         testing::Values(Codec::gzip, Codec::bzip2, Codec::xz, Codec::lzma,
                                         Codec::lzo, Codec::lz4, Codec::zstd),
                         [](const auto& codec) { return std::string{to_string(codec.param)}; });

TEST(Decompress, KnowsNoOtherCodec) {
    EXPECT_EQ(image::sniff_codec({}), std::nullopt);
    EXPECT_EQ(image::sniff_codec(bytes_of_text("PK\x03\x04")), std::nullopt);
    EXPECT_EQ(image::sniff_codec(bytes_of_text("\x1f")), std::nullopt);
}

TEST(Decompress, RejectsWrongLengthWithBothNumbers) {
    EXPECT_EQ(refusal_of(Codec::xz, pack(Codec::xz, Bytes(1000)), 1001),
              "xz stream at offset 0x4000 has a wrong trailing length: it tells 1001 bytes, 1000 "
              "came out");
}

TEST(Gunzip, RejectsBomb) {
    const Bytes bomb = pack(Codec::gzip, Bytes(kBombSize));
    const Error error =
        error_of([&] { image::gunzip({.bytes = bomb, .offset = 0}, {.max_unpacked = 16 * kMiB}); });
    EXPECT_EQ(error.code(), Errc::invalid_kernel);
    EXPECT_STREQ(
        error.what(),
        "gzip stream at offset 0x0: unpacks to more than 16777216 bytes, the limit for a kernel");
}

TEST(Gunzip, RejectsBombOfManyMembers) {
    const Bytes member = pack(Codec::gzip, Bytes(kMiB));
    Bytes bomb;
    for (int i = 0; i < 5; ++i)
        bomb.insert(bomb.end(), member.begin(), member.end());
    const Limits limits{.max_unpacked = 4 * kMiB};
    EXPECT_THAT(error_of([&] { image::gunzip({.bytes = bomb, .offset = 0}, limits); }).what(),
                HasSubstr("unpacks to more than 4194304 bytes"));
}

TEST(Gunzip, GrowsWhenTheLastMemberIsSmall) {
    const Bytes content = some_content(5'000'000);
    const Bytes file = join({pack(Codec::gzip, content), pack(Codec::gzip, Bytes(1))});
    EXPECT_EQ(image::gunzip({.bytes = file, .offset = 0}, {}), join({content, Bytes(1)}));
}

TEST(Gunzip, UnpacksUpToTheLimitExactly) {
    const Bytes content = some_content(100'000);
    const Bytes file = pack(Codec::gzip, content);
    EXPECT_EQ(image::gunzip({.bytes = file, .offset = 0}, {.max_unpacked = 100'000}), content);
}

TEST(Bzip2, UnpacksStreamsOneBehindTheOther) {
    const Bytes content = some_content(10'000);
    const Bytes file = join({pack(Codec::bzip2, content), pack(Codec::bzip2, content)});
    EXPECT_EQ(unpack(Codec::bzip2, file, 20'000), join({content, content}));
}

TEST(Xz, UnpacksWith128MiBDictionary) {
    const Bytes content = some_content(1000);
    EXPECT_EQ(unpack(Codec::xz, xz_with_dictionary(content, 128 * kMiB), content.size()), content);
}

TEST(Xz, RejectsDictionaryOf4GiB) {
    EXPECT_THAT(refusal_of(Codec::xz, xz_with_dictionary(Bytes(1000), 4 * kGiB), 1000),
                AllOf(HasSubstr("bytes of decoder memory"), HasSubstr("the limit is 335544320")));
}

TEST(Xz, RejectsDictionaryAboveAnyGivenLimit) {
    EXPECT_THAT(refusal_of(Codec::xz, xz_with_dictionary(Bytes(1000), 128 * kMiB), 1000,
                           {.max_decoder_memory = 64 * kMiB}),
                HasSubstr("the limit is 67108864"));
}

TEST(Lzma, UnpacksWith128MiBDictionary) {
    const Bytes content = some_content(1000);
    EXPECT_EQ(unpack(Codec::lzma, lzma_with_dictionary(content, 128U << 20U), content.size()),
              content);
}

TEST(Lzma, RejectsDictionaryOf3GiB) {
    EXPECT_THAT(refusal_of(Codec::lzma, lzma_with_dictionary(Bytes(1000), 3U << 30U), 1000),
                HasSubstr("bytes of decoder memory"));
}

TEST(Lzma, AcceptsHeaderThatTellsTheSize) {
    // Encoders that know it write it instead of an end mark; ours writes the mark, which may go
    // with a size.
    const Bytes content = some_content(1000);
    Bytes packed = pack(Codec::lzma, content);
    const std::uint64_t size = content.size();
    std::memcpy(packed.data() + 5, &size, sizeof(size));
    EXPECT_EQ(unpack(Codec::lzma, packed, content.size()), content);
}

TEST(Zstd, WindowCostsNoMemoryOfItsOwn) {
    const Bytes content = some_content(1000);
    EXPECT_EQ(unpack(Codec::zstd, zstd_with_window(content, 31), content.size()), content);
}

TEST(Zstd, UnpacksFramesOneBehindTheOtherAndSkippableOnes) {
    const Bytes content = some_content(10'000);
    const Bytes skippable =
        join({bytes_of(std::uint32_t{0x184d2a50}), bytes_of(std::uint32_t{4}), Bytes(4)});
    const Bytes file = join({pack(Codec::zstd, content), skippable, pack(Codec::zstd, content)});
    EXPECT_EQ(unpack(Codec::zstd, file, 20'000), join({content, content}));
}

TEST(Lz4, UnpacksBlocksOf8MiB) {
    const Bytes content = some_content(17 * kMiB);
    EXPECT_EQ(unpack(Codec::lz4, pack(Codec::lz4, content), content.size()), content);
}

TEST(Lz4, UnpacksFramesOneBehindTheOther) {
    const Bytes content = some_content(10'000);
    const Bytes file = join({pack(Codec::lz4, content), pack(Codec::lz4, content)});
    EXPECT_EQ(unpack(Codec::lz4, file, 20'000), join({content, content}));
}

TEST(Lz4, RejectsBlockLargerThanAnyCanBe) {
    const Bytes stream = join(
        {bytes_of(std::uint32_t{0x184c2102}), bytes_of(std::uint32_t{0x7fffffff}), Bytes(100)});
    EXPECT_THAT(refusal_of(Codec::lz4, stream, 100),
                HasSubstr("block at offset 0x4004 says 2147483647 packed bytes"));
}

TEST(Lz4, RejectsBlockThatUnpacksToMoreThan8MiB) {
    // One token, a literal, and a match of 9 MiB: 255 for each 255 bytes of it.
    Bytes block = bytes_of_text({"\x1f"
                                 "A"
                                 "\x01\0",
                                 4});
    block.insert(block.end(), 9 * kMiB / 255, std::byte{0xff});
    block = join(
        {block, bytes_of(std::uint8_t{0}), bytes_of(std::uint8_t{0x50}), bytes_of_text("abcde")});
    const Bytes stream = join({bytes_of(std::uint32_t{0x184c2102}),
                               bytes_of(static_cast<std::uint32_t>(block.size())), block});
    EXPECT_THAT(refusal_of(Codec::lz4, stream, 32 * kMiB),
                HasSubstr("more than the 8388608 bytes left to it"));
}

#ifdef PVH_HAVE_LZO

namespace {

constexpr std::size_t kLzopFlags = 17;
constexpr std::size_t kLzopFirstBlock = 38; // of the header that our packer writes

Bytes big_endian(std::uint32_t value) {
    return bytes_of(__builtin_bswap32(value));
}

Bytes lzop_with_block(std::uint32_t size, std::uint32_t packed_size) {
    Bytes stream = pack(Codec::lzo, Bytes(1000));
    stream.resize(kLzopFirstBlock);
    return join({stream, big_endian(size), big_endian(packed_size), Bytes(1000)});
}

} // namespace

TEST(Lzo, RejectsWrongHeaderChecksum) {
    Bytes stream = pack(Codec::lzo, Bytes(1000));
    stream.at(kLzopFirstBlock - 6) ^= std::byte{1};
    EXPECT_THAT(refusal_of(Codec::lzo, stream, 1000), HasSubstr("header checksum"));
}

TEST(Lzo, RejectsWrongBlockChecksum) {
    Bytes stream = pack(Codec::lzo, Bytes(1000));
    stream.at(kLzopFirstBlock + 8) ^= std::byte{1};
    EXPECT_THAT(refusal_of(Codec::lzo, stream, 1000), HasSubstr("wrong checksum"));
}

TEST(Lzo, RejectsFilters) {
    Bytes stream = pack(Codec::lzo, Bytes(1000));
    stream.at(kLzopFlags + 2) |= std::byte{0x08};
    EXPECT_THAT(refusal_of(Codec::lzo, stream, 1000), HasSubstr("header flags 0x801"));
}

TEST(Lzo, RejectsBlockLargerThan256KiB) {
    EXPECT_THAT(refusal_of(Codec::lzo, lzop_with_block(256 * 1024 + 1, 1000), kMiB),
                HasSubstr("says 262145 bytes packed to 1000"));
    refusal_of(Codec::lzo, lzop_with_block(0xffffffff, 0xffffffff), kMiB);
}

TEST(Lzo, RejectsBlockThatGrewOrIsEmpty) {
    refusal_of(Codec::lzo, lzop_with_block(100, 101), kMiB);
    refusal_of(Codec::lzo, lzop_with_block(100, 0), kMiB);
}

#endif

} // namespace pvh::test
