// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/elf_note.h"

#include "libdomain/image/invalid_kernel.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <elf.h>

namespace pvh::image {

namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kSupportedFeatures = 17; // XEN_ELFNOTE_SUPPORTED_FEATURES
constexpr std::uint32_t kPhys32Entry = 18;       // XEN_ELFNOTE_PHYS32_ENTRY
constexpr unsigned kMaxNotes =
    65536; // as ELF_MAX_TOTAL_NOTE_COUNT: thousands of headers may name the same bytes

struct Note {
    std::uint64_t at{}; // file offset
    std::uint32_t type{};
    BytesView name;
    BytesView value;
    std::uint64_t length{}; // with padding: where the next one begins
};

// Name and value are padded to 4 bytes, whatever p_align says: Xen's notes always are, also where a
// .note.gnu.property section raised the alignment of their segment to 8, and the length of a GNU
// property note for ELF64 is a multiple of 8 anyway.   [xen/common/libelf/libelf-tools.c
// elf_note_desc, elf_note_next]
std::uint64_t padded(std::uint64_t length) {
    return (length + 3) & ~std::uint64_t{3};
}

Note read_note(BytesView area, std::uint64_t position, std::uint64_t file_offset) {
    const std::uint64_t at = file_offset + position;
    const auto header = area.read<Elf64_Nhdr>(position); // the same in ELF32
    if (!header)
        throw invalid_kernel(
            "note at offset {:#x}: header of {} bytes exceeds its segment, which ends at {:#x}", at,
            sizeof(Elf64_Nhdr), file_offset + area.size());
    const std::uint64_t name_at = position + sizeof(Elf64_Nhdr);
    const std::uint64_t value_at = name_at + padded(header->n_namesz);
    const auto name = area.sub(name_at, header->n_namesz);
    const auto value = area.sub(value_at, header->n_descsz);
    if (!name || !value)
        throw invalid_kernel("note at offset {:#x}: name of {:#x} and value of {:#x} bytes exceed "
                             "its segment, which ends at {:#x}",
                             at, header->n_namesz, header->n_descsz, file_offset + area.size());
    return {.at = at,
            .type = header->n_type,
            .name = *name,
            .value = *value,
            .length = value_at - position + padded(header->n_descsz)};
}

/// Linkers pad the end of note segments with zeros.
bool is_padding(BytesView rest) {
    return rest.size() < sizeof(Elf64_Nhdr) &&
           std::all_of(rest.span().begin(), rest.span().end(),
                       [](std::byte byte) { return byte == std::byte{0}; });
}

/// A number may have any of the four sizes; ELF32 images tend to 4, ELF64 ones to 8.
std::uint64_t read_number(const Note& note) {
    const BytesView value = note.value;
    switch (value.size()) {
    case 1:
        return *value.read<std::uint8_t>(0);
    case 2:
        return *value.read<std::uint16_t>(0);
    case 4:
        return *value.read<std::uint32_t>(0);
    case 8:
        return *value.read<std::uint64_t>(0);
    default:
        throw invalid_kernel("note at offset {:#x}: a number of {} bytes, known are 1, 2, 4 and 8",
                             note.at, value.size());
    }
}

/// Collects over all segments and sections: a later note adds to what is known and never replaces
/// it.
class NoteReader {
  public:
    void scan(BytesView area, std::uint64_t file_offset) {
        std::uint64_t position = 0;
        while (position < area.size()) {
            if (is_padding(*area.sub(position, area.size() - position))) return;
            if (++count_ > kMaxNotes) throw invalid_kernel("more than {} notes", kMaxNotes);
            const Note note = read_note(area, position, file_offset);
            if (has_magic(note.name, "Xen\0"sv)) take(note);
            position += note.length;
        }
    }

    [[nodiscard]] const XenNotes& notes() const { return notes_; }

  private:
    void take(const Note& note) {
        notes_.is_any = true;
        if (note.type == kPhys32Entry) take_entry(note);
        // An array of words, of which one is defined.
        if (note.type == kSupportedFeatures)
            notes_.supported_features |= note.value.read<std::uint32_t>(0).value_or(0);
    }

    void take_entry(const Note& note) {
        const GuestAddr entry{read_number(note)};
        if (notes_.phys32_entry && *notes_.phys32_entry != entry)
            throw invalid_kernel(
                "note at offset {:#x}: XEN_ELFNOTE_PHYS32_ENTRY is {}, an earlier one says {}",
                note.at, entry, *notes_.phys32_entry);
        notes_.phys32_entry = entry;
    }

    unsigned count_{0};
    XenNotes notes_;
};

} // namespace

XenNotes read_xen_notes(const Elf& elf) {
    NoteReader reader;
    for (const ProgramHeader& header : elf.program_headers) {
        // Offset 0 is the ELF header: some binutils leave it in note segments that have no place in
        // the file.
        if (header.type != PT_NOTE || header.offset == 0) continue;
        reader.scan(file_range(elf, describe(header), header.offset, header.file_size),
                    header.offset);
    }
    if (reader.notes().is_any) return reader.notes();
    for (const SectionHeader& header : section_headers(elf)) {
        if (header.type != SHT_NOTE) continue;
        reader.scan(file_range(elf, describe(header), header.offset, header.size), header.offset);
    }
    return reader.notes();
}

} // namespace pvh::image
