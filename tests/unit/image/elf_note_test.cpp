// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/elf_note.h"
#include "tests/support/elf_builder.h"
#include "tests/unit/image/rejection.h"

namespace pvh::test {

namespace {

using testing::HasSubstr;

constexpr std::uint32_t kSupportedFeatures = 17;
constexpr std::uint32_t kPhys32Entry = 18;

ElfImage with_notes(const Bytes& notes) {
    ElfImage elf = pvh_elf();
    elf.segments.at(2) = note_segment(notes);
    return elf;
}

image::XenNotes notes_of(const ElfImage& elf) {
    const Bytes file = build(elf);
    return image::read_xen_notes(image::parse_elf(file));
}

std::string rejection_of_notes(const Bytes& notes) {
    return rejection_of(build(with_notes(notes)));
}

ElfImage without_note_segment() {
    ElfImage elf = pvh_elf();
    elf.segments.pop_back();
    return elf;
}

} // namespace

TEST(ElfNote, ReadsEntryOfAnySize) {
    EXPECT_EQ(
        notes_of(with_notes(note("Xen", kPhys32Entry, bytes_of(std::uint8_t{0x12})))).phys32_entry,
        GuestAddr{0x12});
    EXPECT_EQ(notes_of(with_notes(note("Xen", kPhys32Entry, bytes_of(std::uint16_t{0x1234}))))
                  .phys32_entry,
              GuestAddr{0x1234});
    EXPECT_EQ(notes_of(with_notes(note("Xen", kPhys32Entry, bytes_of(std::uint32_t{0x1234567}))))
                  .phys32_entry,
              GuestAddr{0x1234567});
    EXPECT_EQ(notes_of(with_notes(note("Xen", kPhys32Entry, bytes_of(std::uint64_t{0x123456789}))))
                  .phys32_entry,
              GuestAddr{0x123456789});
}

TEST(ElfNote, RejectsEntryOfOddSize) {
    EXPECT_THAT(rejection_of_notes(note("Xen", kPhys32Entry, Bytes(3))),
                HasSubstr("a number of 3 bytes"));
    EXPECT_THAT(rejection_of_notes(note("Xen", kPhys32Entry, {})),
                HasSubstr("a number of 0 bytes"));
}

TEST(ElfNote, FindsEntryAmongOthers) {
    const auto notes =
        notes_of(with_notes(join({note("GNU", 3, Bytes(20)), note("Xen", 6, bytes_of_text("linux")),
                                  note("Linux", 0x101, Bytes(1)), pvh_note(kTestEntry)})));
    EXPECT_EQ(notes.phys32_entry, GuestAddr{kTestEntry});
}

TEST(ElfNote, ReadsFirstWordOfSupportedFeatures) {
    const Bytes words = join({bytes_of(std::uint32_t{0x8801}), bytes_of(std::uint32_t{0xffff})});
    EXPECT_EQ(notes_of(with_notes(note("Xen", kSupportedFeatures, words))).supported_features,
              0x8801U);
}

TEST(ElfNote, IgnoresSameTypeUnderAnotherName) {
    EXPECT_FALSE(notes_of(with_notes(note("Xem", kPhys32Entry, Bytes(4)))).phys32_entry);
    EXPECT_FALSE(notes_of(with_notes(note("Xenon", kPhys32Entry, Bytes(4)))).phys32_entry);
    EXPECT_FALSE(notes_of(with_notes(note("", kPhys32Entry, Bytes(4)))).phys32_entry);
}

TEST(ElfNote, LaterSegmentWithoutEntryDoesNotForgetIt) {
    ElfImage elf = pvh_elf();
    elf.segments.push_back(
        note_segment(note("Xen", kSupportedFeatures, bytes_of(std::uint32_t{1}))));
    elf.segments.push_back(note_segment(note("GNU", 3, Bytes(20))));
    const auto notes = notes_of(elf);
    EXPECT_EQ(notes.phys32_entry, GuestAddr{kTestEntry});
    EXPECT_EQ(notes.supported_features, 1U);
}

TEST(ElfNote, AcceptsSameEntryTwice) {
    EXPECT_EQ(notes_of(with_notes(join({pvh_note(7), pvh_note(7)}))).phys32_entry, GuestAddr{7});
}

TEST(ElfNote, RejectsEntriesThatContradict) {
    EXPECT_THAT(rejection_of_notes(join({pvh_note(0x1000040), pvh_note(0x1000041)})),
                HasSubstr("XEN_ELFNOTE_PHYS32_ENTRY is 0x1000041, an earlier one says 0x1000040"));
}

TEST(ElfNote, ReadsPast8ByteAlignedGnuProperty) {
    // What binutils made of Linux before it discarded .note.gnu.property: one segment, aligned to
    // 8, Xen's notes to 4.
    ElfImage elf =
        with_notes(join({note("GNU", 5, Bytes(16)), note("Xen", 5, bytes_of_text("xen-3.0")),
                         note("Xen", 6, bytes_of_text("linux")), pvh_note(kTestEntry)}));
    elf.segments.at(2).align = 8;
    EXPECT_EQ(notes_of(elf).phys32_entry, GuestAddr{kTestEntry});
}

TEST(ElfNote, ReadsNotesOfElf32) {
    ElfImage elf = pvh_elf();
    elf.is_64 = false;
    EXPECT_EQ(notes_of(elf).phys32_entry, GuestAddr{kTestEntry});
}

TEST(ElfNote, ReadsSectionsIfNoSegmentHasXenNotes) {
    ElfImage elf = with_notes(note("GNU", 3, Bytes(20)));
    elf.sections = {{.type = 1, .data = pvh_note(1)},
                    {.type = kShtNote, .data = pvh_note(kTestEntry)}};
    EXPECT_EQ(notes_of(elf).phys32_entry, GuestAddr{kTestEntry});
}

TEST(ElfNote, LeavesSectionsAloneIfASegmentHasXenNotes) {
    ElfImage elf = with_notes(note("Xen", 6, bytes_of_text("linux")));
    elf.sections = {{.type = kShtNote, .data = pvh_note(kTestEntry)}};
    EXPECT_FALSE(notes_of(elf).phys32_entry);
    elf.section_entry_size = 1; // nor does a broken table matter then
    EXPECT_FALSE(notes_of(elf).phys32_entry);
}

TEST(ElfNote, IgnoresNoteSegmentWithoutPlaceInFile) {
    ElfImage elf = pvh_elf();
    elf.segments.push_back({.type = kPtNote, .offset = 0, .file_size = ~std::uint64_t{0}});
    EXPECT_EQ(notes_of(elf).phys32_entry, GuestAddr{kTestEntry});
}

TEST(ElfNote, AcceptsZeroPaddingBehindLastNote) {
    EXPECT_EQ(notes_of(with_notes(join({pvh_note(7), Bytes(8)}))).phys32_entry, GuestAddr{7});
    EXPECT_EQ(notes_of(with_notes(join({pvh_note(7), Bytes(12)}))).phys32_entry, GuestAddr{7});
}

TEST(ElfNote, AcceptsLastNoteWithoutPadding) {
    ElfImage elf = with_notes(note("Xen", kPhys32Entry, bytes_of(std::uint8_t{5})));
    elf.segments[2].data.resize(elf.segments[2].data.size() - 3);
    EXPECT_EQ(notes_of(elf).phys32_entry, GuestAddr{5});
}

TEST(ElfNote, RejectsNoteSegmentWhoseFileRangeExceedsImage) {
    ElfImage elf = pvh_elf();
    elf.segments[2].file_size = 0x1000;
    EXPECT_THAT(rejection_of(build(elf)), HasSubstr("program header 2 at offset 0xb0: file range"));
}

TEST(ElfNote, RejectsNoteHeaderCutOff) {
    EXPECT_THAT(rejection_of_notes(join({pvh_note(7), Bytes(5, std::byte{1})})),
                HasSubstr("header of 12 bytes exceeds its segment"));
}

TEST(ElfNote, RejectsNameSizeThatWraps) {
    EXPECT_THAT(rejection_of_notes(raw_note(0xffffffff, 4, kPhys32Entry, bytes_of_text("Xen"))),
                HasSubstr("name of 0xffffffff and value of 0x4 bytes exceed its segment"));
    EXPECT_THAT(rejection_of_notes(raw_note(0xfffffff4, 0, kPhys32Entry, {})),
                HasSubstr("exceed its segment"));
}

TEST(ElfNote, RejectsValueSizeThatWraps) {
    EXPECT_THAT(
        rejection_of_notes(raw_note(4, 0xffffffff, kPhys32Entry, bytes_of_text("Xen\0abcd"))),
        HasSubstr("name of 0x4 and value of 0xffffffff bytes exceed its segment"));
    EXPECT_THAT(rejection_of_notes(raw_note(4, 0xfffffffd, kPhys32Entry, Bytes(8))),
                HasSubstr("exceed its segment"));
}

TEST(ElfNote, RejectsTooManyNotes) {
    // Few bytes, shown to us again and again.
    ElfImage elf = pvh_elf();
    elf.segments[2] = note_segment(Bytes(12ULL * 1000));
    const std::uint64_t notes_at = 64 + 56 * 70 + 0x80 + 16;
    for (int i = 3; i < 70; ++i)
        elf.segments.push_back({.type = kPtNote, .offset = notes_at, .file_size = 12000});
    EXPECT_EQ(rejection_of(build(elf)), "more than 65536 notes");
}

TEST(ElfNote, RejectsSectionTableBehindTheFile) {
    ElfImage elf = without_note_segment();
    elf.section_count = 4;
    elf.section_table = ~std::uint64_t{0} - 8;
    EXPECT_THAT(rejection_of(build(elf)),
                HasSubstr("section header table at offset 0xfffffffffffffff7"));
}

TEST(ElfNote, RejectsSectionEntrySizeOtherThanTheStruct) {
    ElfImage elf = without_note_segment();
    elf.sections = {{.data = pvh_note(1)}};
    elf.section_entry_size = 63;
    EXPECT_EQ(rejection_of(build(elf)), "ELF e_shentsize is 63, an ELF64 header has 64 bytes");
}

TEST(ElfNote, RejectsNoteSectionWhoseFileRangeExceedsImage) {
    ElfImage elf = without_note_segment();
    elf.sections = {{.data = pvh_note(1), .size = 0x100000}};
    EXPECT_THAT(rejection_of(build(elf)), HasSubstr("section header 0 at offset 0xb0: file range"));
}

} // namespace pvh::test
