// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/elf.h"
#include "tests/support/elf_builder.h"
#include "tests/unit/image/rejection.h"

#include <algorithm>

namespace pvh::test {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::uint64_t kHuge = ~std::uint64_t{0};

std::string rejection_of_elf(const ElfImage& elf) {
    return rejection_of(build(elf));
}

ElfImage with_code(const ElfSegment& code) {
    ElfImage elf = pvh_elf();
    elf.segments.at(0) = code;
    return elf;
}

} // namespace

TEST(Elf, LoadsWhatPtLoadSaysWhereThePhysicalAddressSays) {
    const auto image = image::parse_kernel(pvh_kernel());
    ASSERT_EQ(image.segments.size(), 2U);
    EXPECT_EQ(image.segments[0].address, GuestAddr{0x1000000});
    EXPECT_EQ(image.segments[0].data.size(), 0x80U);
    EXPECT_EQ(image.segments[1].address, GuestAddr{0x1100000});
    EXPECT_EQ(image.segments[1].data.size(), 16U);
    EXPECT_EQ(image.segments[1].memory_size, 0x2000U);
    EXPECT_EQ(image.begin, GuestAddr{0x1000000});
    EXPECT_EQ(image.end, GuestAddr{0x1102000});
    EXPECT_EQ(image.entry, GuestAddr{kTestEntry});
    EXPECT_EQ(image.format, "ELF64");
}

TEST(Elf, SegmentsShowTheImagesOwnBytes) {
    const auto image = image::parse_kernel(pvh_kernel());
    const auto& data = image.segments[1].data;
    EXPECT_GE(data.data(), image.elf.data());
    EXPECT_LE(data.data() + data.size(), image.elf.data() + image.elf.size());
    const Bytes expected = bytes_of_text("initialised data");
    EXPECT_TRUE(
        std::equal(data.span().begin(), data.span().end(), expected.begin(), expected.end()));
}

TEST(Elf, AcceptsElf32) {
    ElfImage elf = pvh_elf();
    elf.is_64 = false;
    elf.machine = 3;
    const auto image = image::parse_kernel(build(elf));
    EXPECT_EQ(image.format, "ELF32");
    EXPECT_EQ(image.end, GuestAddr{0x1102000});
}

TEST(Elf, AcceptsSharedObjectAtItsLinkAddress) {
    ElfImage elf = pvh_elf();
    elf.type = 3;
    EXPECT_EQ(image::parse_kernel(build(elf)).begin, GuestAddr{0x1000000});
}

TEST(Elf, SortsSegmentsByAddress) {
    ElfImage elf = pvh_elf();
    std::swap(elf.segments[0], elf.segments[1]);
    EXPECT_EQ(image::parse_kernel(build(elf)).segments[0].address, GuestAddr{0x1000000});
}

TEST(Elf, IgnoresEmptySegmentsAndOtherTypes) {
    ElfImage elf = pvh_elf();
    elf.segments.push_back({.address = 0x1000010}); // empty, inside of another
    elf.segments.push_back(
        {.type = 0x6474e551, .address = 0, .memory_size = kHuge}); // PT_GNU_STACK
    EXPECT_EQ(image::parse_kernel(build(elf)).segments.size(), 2U);
}

TEST(Elf, AcceptsSegmentsThatTouch) {
    ElfImage elf = pvh_elf();
    elf.segments[0].memory_size = 0x100000;
    EXPECT_EQ(image::parse_kernel(build(elf)).segments.size(), 2U);
}

TEST(Elf, AcceptsSegmentThatEndsAt4GiB) {
    ElfImage elf = pvh_elf();
    elf.segments[1].address = 0xfffff000;
    elf.segments[1].memory_size = 0x1000;
    EXPECT_EQ(image::parse_kernel(build(elf)).end, GuestAddr{0x100000000});
}

TEST(Elf, RejectsEveryTruncationOfTheHeaders) {
    const Bytes whole = pvh_kernel();
    for (std::size_t size = 4; size < 64 + 3 * 56; ++size)
        EXPECT_THAT(
            rejection_of({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}),
            testing::AnyOf(HasSubstr("ELF"), HasSubstr("program header")))
            << size;
}

TEST(Elf, RejectsUnknownClass) {
    ElfImage elf = pvh_elf();
    elf.elf_class = 3;
    EXPECT_EQ(rejection_of_elf(elf),
              "ELF class at offset 0x4 is 3, known are 1 (ELF32) and 2 (ELF64)");
}

TEST(Elf, RejectsBigEndian) {
    ElfImage elf = pvh_elf();
    elf.encoding = 2;
    EXPECT_EQ(rejection_of_elf(elf),
              "ELF data encoding at offset 0x5 is 2, x86 needs 1 (little endian)");
}

TEST(Elf, RejectsOtherMachine) {
    ElfImage elf = pvh_elf();
    elf.machine = 183; // aarch64
    EXPECT_THAT(rejection_of_elf(elf), StartsWith("ELF machine at offset 0x12 is 183"));
    EXPECT_THAT(hint_of(build(elf)), HasSubstr("another processor"));
}

TEST(Elf, RejectsObjectFile) {
    ElfImage elf = pvh_elf();
    elf.type = 1;
    EXPECT_THAT(rejection_of_elf(elf), StartsWith("ELF type at offset 0x10 is 1"));
}

TEST(Elf, RejectsFileWithoutProgramHeaders) {
    EXPECT_THAT(rejection_of_elf(ElfImage{}), HasSubstr("has no program header"));
}

TEST(Elf, RejectsFileWithoutLoadableSegment) {
    EXPECT_EQ(rejection_of_elf({.segments = {note_segment(pvh_note(0))}}),
              "ELF64 has no PT_LOAD segment");
}

TEST(Elf, RejectsProgramHeaderEntrySizeOtherThanTheStruct) {
    ElfImage elf = pvh_elf();
    elf.program_entry_size = 32;
    EXPECT_EQ(rejection_of_elf(elf), "ELF e_phentsize is 32, an ELF64 header has 56 bytes");
}

TEST(Elf, RejectsProgramHeaderTableBehindTheFile) {
    ElfImage elf = pvh_elf();
    elf.program_table = 0x10000;
    EXPECT_THAT(rejection_of_elf(elf),
                StartsWith("program header table at offset 0x10000: 3 entries of 56 bytes exceed"));
}

TEST(Elf, RejectsProgramHeaderTableWhoseEndWraps) {
    ElfImage elf = pvh_elf();
    elf.program_table = kHuge - 10;
    EXPECT_THAT(rejection_of_elf(elf), HasSubstr("exceed image size"));
}

TEST(Elf, RejectsMoreProgramHeadersThanTheFileHolds) {
    ElfImage elf = pvh_elf();
    elf.program_count = 65534;
    EXPECT_THAT(rejection_of_elf(elf), HasSubstr("65534 entries of 56 bytes exceed image size"));
}

TEST(Elf, RejectsExtendedProgramHeaderCount) {
    ElfImage elf = pvh_elf();
    elf.program_count = 0xffff;
    EXPECT_THAT(rejection_of_elf(elf), HasSubstr("PN_XNUM"));
}

TEST(Elf, RejectsSegmentWhoseFileRangeExceedsImage) {
    ElfImage elf = pvh_elf();
    elf.segments[1].file_size = 0x1000;
    EXPECT_EQ(rejection_of_elf(elf),
              "program header 1 at offset 0x78: file range 0x168+0x1000 exceeds image size 0x18c");
}

TEST(Elf, RejectsSegmentWhoseFileRangeWraps) {
    ElfImage elf = pvh_elf();
    elf.segments[1].offset = kHuge - 4;
    EXPECT_THAT(rejection_of_elf(elf),
                HasSubstr("file range 0xfffffffffffffffb+0x10 exceeds image size"));
}

TEST(Elf, RejectsSegmentWithLessMemoryThanFile) {
    ElfImage elf = pvh_elf();
    elf.segments[1].memory_size = 15;
    EXPECT_EQ(rejection_of_elf(elf),
              "program header 1 at offset 0x78: file size 0x10 exceeds memory size 0xf");
}

TEST(Elf, RejectsSegmentWithFileBytesButNoMemory) {
    ElfImage elf = pvh_elf();
    elf.segments[1].memory_size = 0;
    EXPECT_THAT(rejection_of_elf(elf), HasSubstr("exceeds memory size 0x0"));
}

TEST(Elf, RejectsSegmentWhoseMemoryRangeWraps) {
    EXPECT_THAT(rejection_of_elf(with_code({.address = 0x1000, .memory_size = kHuge - 0x800})),
                HasSubstr("memory range 0x1000+0xfffffffffffff7ff exceeds 4 GiB"));
}

TEST(Elf, RejectsSegmentAbove4GiB) {
    EXPECT_THAT(rejection_of_elf(with_code({.address = 0xfffff000, .memory_size = 0x1001})),
                HasSubstr("memory range 0xfffff000+0x1001 exceeds 4 GiB"));
    EXPECT_THAT(rejection_of_elf(with_code({.address = kHuge, .memory_size = 1})),
                HasSubstr("exceeds 4 GiB"));
}

TEST(Elf, RejectsOverlappingSegments) {
    ElfImage elf = pvh_elf();
    elf.segments[0].memory_size = 0x100001;
    EXPECT_EQ(rejection_of_elf(elf),
              "program header 1 at offset 0x78: memory range 0x1100000+0x2000 overlaps "
              "0x1000000+0x100001 of program header 0 at offset 0x40");
}

TEST(Elf, RejectsSegmentWithinAnother) {
    ElfImage elf = pvh_elf();
    elf.segments.push_back({.address = 0x1000010, .data = Bytes(1)});
    EXPECT_THAT(rejection_of_elf(elf), HasSubstr("overlaps"));
}

TEST(Elf, JudgesTheLargestNumberOfSegmentsQuickly) {
    ElfImage elf = pvh_elf();
    for (std::uint64_t i = elf.segments.size(); i < 65534; ++i)
        elf.segments.push_back({.address = 0x2000000 + i * 16, .memory_size = 16});
    EXPECT_EQ(image::parse_kernel(build(elf)).segments.size(), 65533U);
}

} // namespace pvh::test
