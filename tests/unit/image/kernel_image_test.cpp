// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/kernel_image.h"
#include "tests/support/bzimage_builder.h"
#include "tests/support/elf_builder.h"
#include "tests/support/packer.h"
#include "tests/unit/image/rejection.h"

namespace pvh::test {

namespace {

using image::Codec;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

ElfImage elf_without_pvh_note() {
    ElfImage elf = pvh_elf();
    elf.segments.pop_back();
    return elf;
}

ElfImage elf_with_entry(std::uint32_t entry) {
    ElfImage elf = pvh_elf();
    elf.segments.at(2) = note_segment(pvh_note(entry));
    return elf;
}

} // namespace

TEST(KernelImage, UnpacksGzippedElf) {
    const auto image = image::parse_kernel(pack(Codec::gzip, pvh_kernel()));
    EXPECT_EQ(image.format, "gzip, ELF64");
    EXPECT_EQ(image.elf, pvh_kernel());
}

TEST(KernelImage, UnpacksGzippedBzImage) {
    const auto image = image::parse_kernel(pack(Codec::gzip, bzimage_of(Codec::xz, pvh_kernel())));
    EXPECT_EQ(image.format, "gzip, bzImage (xz), ELF64");
    EXPECT_EQ(image.elf, pvh_kernel());
}

TEST(KernelImage, UnpacksGzipOfManyMembers) {
    const Bytes whole = pvh_kernel();
    Bytes file;
    for (std::size_t at = 0; at < whole.size(); at += 100) {
        const auto part = *BytesView{whole}.sub(at, std::min<std::size_t>(100, whole.size() - at));
        file = join({file, pack(Codec::gzip, part)});
    }
    EXPECT_EQ(image::parse_kernel(file).elf, whole);
}

TEST(KernelImage, MoveKeepsSegmentsValid) {
    auto image = image::parse_kernel(pvh_kernel());
    const image::KernelImage moved = std::move(image);
    EXPECT_EQ(moved.segments[0].data.data(), moved.elf.data() + std::size_t{64 + 3 * 56});
}

TEST(KernelImage, SaysWhichKernelLacksTheNoteAndWhatToDo) {
    EXPECT_EQ(rejection_of(build(elf_without_pvh_note())),
              "ELF64 without XEN_ELFNOTE_PHYS32_ENTRY, so it has no PVH entry");
    EXPECT_EQ(hint_of(build(elf_without_pvh_note())), "Linux needs CONFIG_PVH=y");
    EXPECT_THAT(rejection_of(bzimage_of(Codec::xz, build(elf_without_pvh_note()))),
                HasSubstr("bzImage (xz), ELF64 without XEN_ELFNOTE_PHYS32_ENTRY"));
}

TEST(KernelImage, TellsPvOnlyKernelsFromOthers) {
    ElfImage elf = elf_without_pvh_note();
    elf.segments.push_back(note_segment(note("Xen", 6, bytes_of_text("linux"))));
    EXPECT_THAT(rejection_of(build(elf)), HasSubstr("though it has other Xen notes"));
}

TEST(KernelImage, RejectsEntryOutsideOfSegments) {
    EXPECT_EQ(rejection_of(build(elf_with_entry(0x1000080))),
              "XEN_ELFNOTE_PHYS32_ENTRY 0x1000080 lies in none of the 2 loaded segments between "
              "0x1000000 and 0x1102000");
    rejection_of(build(elf_with_entry(0)));
    rejection_of(build(elf_with_entry(0xffffff)));
    rejection_of(build(elf_with_entry(0x1102000)));
}

TEST(KernelImage, RejectsEntryAbove4GiB) {
    ElfImage elf = pvh_elf();
    elf.segments.at(2) = note_segment(note("Xen", 18, bytes_of(0x100000000ULL + kTestEntry)));
    EXPECT_THAT(rejection_of(build(elf)), HasSubstr("0x101000040 lies in none"));
}

TEST(KernelImage, RejectsEmptyFile) {
    EXPECT_EQ(rejection_of({}), "the file is empty");
}

TEST(KernelImage, SaysWhatAnUnknownFileBeginsWith) {
    EXPECT_THAT(
        rejection_of(bytes_of_text("hello, world")),
        AllOf(HasSubstr("begins with 68 65 6c 6c 6f 2c 20 77;"), HasSubstr("accepted are")));
    EXPECT_THAT(rejection_of(bytes_of_text("hi")), HasSubstr("begins with 68 69;"));
}

TEST(KernelImage, RecognisesAnInitrd) {
    EXPECT_THAT(rejection_of(bytes_of_text("070701000002D1")), HasSubstr("cpio archive"));
    EXPECT_THAT(hint_of(bytes_of_text("070701000002D1")), HasSubstr("ramdisk"));
    const Bytes packed = pack(Codec::gzip, bytes_of_text("070701000002D1"));
    EXPECT_THAT(rejection_of(packed),
                AllOf(StartsWith("gzip file, unpacked: "), HasSubstr("cpio archive")));
    EXPECT_THAT(hint_of(packed), HasSubstr("ramdisk"));
}

TEST(KernelImage, RecognisesEfiZboot) {
    EXPECT_THAT(rejection_of(bytes_of_text({"MZ\0\0zimg\0\0\0\0", 12})),
                HasSubstr("EFI zboot image"));
}

TEST(KernelImage, RecognisesEfiProgram) {
    EXPECT_THAT(rejection_of(join({bytes_of_text("MZ"), Bytes(0x400)})),
                HasSubstr("EFI or DOS program"));
}

TEST(KernelImage, RecognisesOtherMistakes) {
    EXPECT_THAT(rejection_of(bytes_of_text("#!/bin/sh")), HasSubstr("a script"));
    EXPECT_THAT(rejection_of(bytes_of_text("!<arch>\ndebian-binary")), HasSubstr("Debian package"));
    Bytes arm(0x40);
    arm.at(0x38) = std::byte{'A'};
    arm.at(0x39) = std::byte{'R'};
    arm.at(0x3a) = std::byte{'M'};
    arm.at(0x3b) = std::byte{0x64};
    EXPECT_THAT(rejection_of(arm), HasSubstr("arm64 Image"));
}

TEST(KernelImage, RecognisesBareStreams) {
    EXPECT_THAT(rejection_of(pack(Codec::xz, pvh_kernel())), HasSubstr("a bare xz stream"));
    EXPECT_THAT(hint_of(pack(Codec::zstd, pvh_kernel())), HasSubstr("unpack it first"));
}

TEST(KernelImage, RejectsGzipWithinGzip) {
    EXPECT_EQ(rejection_of(pack(Codec::gzip, pack(Codec::gzip, pvh_kernel()))),
              "gzip file, unpacked: gzip within gzip");
}

TEST(KernelImage, RejectsFileAboveTheLimit) {
    EXPECT_THAT(rejection_of(pvh_kernel(), {.max_file = 100}),
                HasSubstr("at most 100 are accepted"));
}

TEST(KernelImage, SaysThatOffsetsCountInTheUnpackedPayload) {
    ElfImage elf = pvh_elf();
    elf.segments[1].file_size = 0x1000;
    EXPECT_THAT(
        rejection_of(bzimage_of(Codec::gzip, build(elf))),
        StartsWith("bzImage payload, unpacked: program header 1 at offset 0x78: file range"));
}

} // namespace pvh::test
