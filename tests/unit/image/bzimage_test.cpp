// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/bzimage.h"
#include "libdomain/image/kernel_image.h"
#include "tests/support/bzimage_builder.h"
#include "tests/support/elf_builder.h"
#include "tests/support/packer.h"
#include "tests/unit/image/rejection.h"

namespace pvh::test {

namespace {

using image::Codec;
using testing::HasSubstr;
using testing::StartsWith;

BzImage gzip_bzimage() {
    return {.payload = linux_payload(Codec::gzip, pvh_kernel())};
}

class BzImageOf : public testing::TestWithParam<Codec> {
  protected:
    void SetUp() override {
#ifndef PVH_HAVE_LZO
        if (GetParam() == Codec::lzo) GTEST_SKIP() << "built without LZO";
#endif
    }
};

} // namespace

TEST_P(BzImageOf, IsUnpackedToItsElf) {
    const auto image = image::parse_kernel(bzimage_of(GetParam(), pvh_kernel()));
    EXPECT_EQ(image.elf, pvh_kernel());
    EXPECT_EQ(image.format, fmt::format("bzImage ({}), ELF64", to_string(GetParam())));
}

TEST_P(BzImageOf, RejectsTrailingLengthBelowWhatComesOut) {
    const Bytes elf = pvh_kernel();
    Bytes payload = linux_payload(GetParam(), elf);
    payload.resize(payload.size() - 4);
    const auto wrong = static_cast<std::uint32_t>(elf.size() - 1);
    rejection_of(build(BzImage{.payload = with_size(payload, wrong)}));
}

TEST_P(BzImageOf, RejectsTrailingLengthAboveWhatComesOut) {
    const Bytes elf = pvh_kernel();
    Bytes payload = linux_payload(GetParam(), elf);
    payload.resize(payload.size() - 4);
    const std::string text = rejection_of(
        build(BzImage{.payload = with_size(payload, static_cast<std::uint32_t>(elf.size() + 1))}));
    if (GetParam() == Codec::gzip)
        EXPECT_THAT(text, HasSubstr("incorrect length check")); // zlib sees it first
    else
        EXPECT_THAT(text,
                    HasSubstr(fmt::format("wrong trailing length: it tells {} bytes, {} came out",
                                          elf.size() + 1, elf.size())));
}

TEST_P(BzImageOf, RejectsGarbageBehindTheStream) {
    const Bytes payload = linux_payload(GetParam(), pvh_kernel());
    const Bytes garbage = bytes_of_text("garbage");
    const Bytes size = bytes_of(static_cast<std::uint32_t>(pvh_kernel().size()));
    rejection_of(build(BzImage{.payload = join({payload, garbage, size})}));
}

TEST_P(BzImageOf, RejectsEveryTruncation) {
    const Bytes whole = bzimage_of(GetParam(), pvh_kernel());
    for (std::size_t size = 0; size < whole.size(); size += size < 0x200 ? 61 : 3)
        rejection_of({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
}

TEST_P(BzImageOf, RejectsEveryTruncationThatTheHeaderAdmits) {
    const Bytes payload = linux_payload(GetParam(), pvh_kernel());
    const Bytes size = bytes_of(static_cast<std::uint32_t>(pvh_kernel().size()));
    for (std::size_t left = 0; left + 4 < payload.size(); ++left) {
        const Bytes cut{payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(left)};
        rejection_of(build(BzImage{.payload = join({cut, size})}));
    }
}

INSTANTIATE_TEST_SUITE_P(EachCodec, BzImageOf,
                         testing::Values(Codec::gzip, Codec::bzip2, Codec::xz, Codec::lzma,
                                         Codec::lzo, Codec::lz4, Codec::zstd),
                         [](const auto& codec) { return std::string{to_string(codec.param)}; });

TEST(BzImage, TakesUnpackedElfPayload) {
    const auto image = image::parse_kernel(build(BzImage{.payload = pvh_kernel()}));
    EXPECT_EQ(image.format, "bzImage (not packed), ELF64");
    EXPECT_EQ(image.elf, pvh_kernel());
}

TEST(BzImage, CountsSetupSectors) {
    BzImage file = gzip_bzimage();
    file.setup_sects = 39;
    EXPECT_EQ(image::find_payload(build(file)).offset, 40 * 512 + file.stub_size);
}

TEST(BzImage, TakesZeroSetupSectorsForFour) {
    BzImage file = gzip_bzimage();
    file.setup_sects = 0;
    EXPECT_EQ(image::find_payload(build(file)).offset, 5 * 512 + file.stub_size);
    EXPECT_EQ(image::parse_kernel(build(file)).elf, pvh_kernel());
}

TEST(BzImage, RejectsProtocolWithoutPayloadFields) {
    BzImage file = gzip_bzimage();
    file.version = 0x207;
    EXPECT_EQ(rejection_of(build(file)),
              "bzImage boot protocol at offset 0x206 is 2.07, at least 2.08 is needed");
}

TEST(BzImage, RejectsHeaderCutOff) {
    Bytes file = build(gzip_bzimage());
    file.resize(0x24e);
    EXPECT_EQ(rejection_of(file),
              "bzImage of 590 bytes ends before its header field at offset 0x24c");
}

TEST(BzImage, RejectsPayloadBehindTheFile) {
    BzImage file = gzip_bzimage();
    file.payload_offset = 0xffffffff;
    EXPECT_THAT(rejection_of(build(file)), StartsWith("bzImage payload 0x1000003ff+0x"));
}

TEST(BzImage, RejectsPayloadLongerThanTheFile) {
    BzImage file = gzip_bzimage();
    file.payload_length = 0xffffffff;
    EXPECT_THAT(rejection_of(build(file)), HasSubstr("+0xffffffff exceeds file size"));
    file.payload_length = static_cast<std::uint32_t>(file.payload.size() + 1);
    EXPECT_THAT(rejection_of(build(file)), HasSubstr("exceeds file size"));
}

TEST(BzImage, RejectsPayloadWhoseEndWraps) {
    BzImage file = gzip_bzimage();
    file.payload_offset = 0xfffffc00;
    file.payload_length = 0xffffffff;
    EXPECT_THAT(rejection_of(build(file)),
                StartsWith("bzImage payload 0x100000000+0xffffffff exceeds"));
}

TEST(BzImage, RejectsEmptyPayload) {
    EXPECT_THAT(rejection_of(build(BzImage{.payload = {}})), HasSubstr("begins with nothing"));
}

TEST(BzImage, RejectsPayloadShorterThanItsTrailingLength) {
    EXPECT_THAT(rejection_of(build(BzImage{.payload = bytes_of_text("BZh")})),
                HasSubstr("has 3 bytes"));
}

TEST(BzImage, RejectsUnknownCompression) {
    EXPECT_THAT(rejection_of(build(BzImage{.payload = bytes_of_text("what's this")})),
                HasSubstr("begins with 77 68 61 74 27 73 20 74, which is no known compression"));
}

TEST(BzImage, RejectsPayloadThatUnpacksToNoElf) {
    EXPECT_EQ(rejection_of(bzimage_of(Codec::xz, bytes_of_text("no kernel"))),
              "bzImage payload, unpacked: no ELF file, it begins with 6e 6f 20 6b 65 72 6e 65");
}

TEST(BzImage, RejectsTrailingLengthAboveTheLimitBeforeAllocating) {
    Bytes payload = pack(Codec::lz4, pvh_kernel());
    EXPECT_EQ(rejection_of(build(BzImage{.payload = with_size(payload, 0xffffffff)})),
              "lz4 stream at offset 0x440 is said to unpack to 4294967295 bytes, the limit is "
              "1073741824");
}

} // namespace pvh::test
