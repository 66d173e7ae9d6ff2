// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/elf_builder.h"

#include <span>
#include <utility>

#include <elf.h>

namespace pvh::test {

namespace {

struct Elf32 {
    using Ehdr = Elf32_Ehdr;
    using Phdr = Elf32_Phdr;
    using Shdr = Elf32_Shdr;
    static constexpr std::uint8_t kClass = ELFCLASS32;
};

struct Elf64 {
    using Ehdr = Elf64_Ehdr;
    using Phdr = Elf64_Phdr;
    using Shdr = Elf64_Shdr;
    static constexpr std::uint8_t kClass = ELFCLASS64;
};

// ELF32 fields are narrower; what a test puts there fits, or is meant to be cut.
template <class Field> void set(Field& field, std::uint64_t value) {
    field = static_cast<Field>(value);
}

void append(Bytes& file, const Bytes& more) {
    file.insert(file.end(), more.begin(), more.end());
}

/// Headers first, then the data of segments and sections in their order.
template <class Class> class Writer {
  public:
    explicit Writer(const ElfImage& elf) : elf_{elf} {}

    Bytes write() {
        std::uint64_t data_at =
            section_table_at() + elf_.sections.size() * sizeof(typename Class::Shdr);
        Bytes headers = file_header();
        Bytes data;
        for (const ElfSegment& segment : elf_.segments) {
            append(headers, program_header(segment, data_at + data.size()));
            append(data, segment.data);
        }
        for (const ElfSection& section : elf_.sections) {
            append(headers, section_header(section, data_at + data.size()));
            append(data, section.data);
        }
        return join({headers, data});
    }

  private:
    [[nodiscard]] std::uint64_t section_table_at() const {
        return sizeof(typename Class::Ehdr) + elf_.segments.size() * sizeof(typename Class::Phdr);
    }

    [[nodiscard]] Bytes file_header() const {
        typename Class::Ehdr raw{};
        std::memcpy(raw.e_ident, ELFMAG, SELFMAG);
        raw.e_ident[EI_CLASS] = elf_.elf_class.value_or(Class::kClass);
        raw.e_ident[EI_DATA] = elf_.encoding.value_or(ELFDATA2LSB);
        raw.e_ident[EI_VERSION] = EV_CURRENT;
        raw.e_type = elf_.type;
        raw.e_machine = elf_.machine;
        raw.e_version = EV_CURRENT;
        set(raw.e_ehsize, sizeof(raw));
        set(raw.e_phoff, elf_.program_table.value_or(sizeof(raw)));
        set(raw.e_phnum, elf_.program_count.value_or(elf_.segments.size()));
        set(raw.e_phentsize, elf_.program_entry_size.value_or(sizeof(typename Class::Phdr)));
        set(raw.e_shoff,
            elf_.section_table.value_or(elf_.sections.empty() ? 0 : section_table_at()));
        set(raw.e_shnum, elf_.section_count.value_or(elf_.sections.size()));
        set(raw.e_shentsize, elf_.section_entry_size.value_or(sizeof(typename Class::Shdr)));
        return bytes_of(raw);
    }

    [[nodiscard]] static Bytes program_header(const ElfSegment& segment, std::uint64_t data_at) {
        typename Class::Phdr raw{};
        raw.p_type = segment.type;
        raw.p_flags = PF_R | PF_W | PF_X;
        set(raw.p_offset, segment.offset.value_or(data_at));
        set(raw.p_vaddr, segment.address + 0x80000000); // never what is used
        set(raw.p_paddr, segment.address);
        set(raw.p_filesz, segment.file_size.value_or(segment.data.size()));
        set(raw.p_memsz, segment.memory_size.value_or(segment.data.size()));
        set(raw.p_align, segment.align);
        return bytes_of(raw);
    }

    [[nodiscard]] static Bytes section_header(const ElfSection& section, std::uint64_t data_at) {
        typename Class::Shdr raw{};
        raw.sh_type = section.type;
        set(raw.sh_offset, section.offset.value_or(data_at));
        set(raw.sh_size, section.size.value_or(section.data.size()));
        return bytes_of(raw);
    }

    const ElfImage& elf_;
};

Bytes padded(Bytes bytes) {
    bytes.resize((bytes.size() + 3) & ~std::size_t{3});
    return bytes;
}

} // namespace

Bytes bytes_of_text(std::string_view text) {
    const auto bytes = std::as_bytes(std::span{text});
    return {bytes.begin(), bytes.end()};
}

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts)
        append(all, part);
    return all;
}

Bytes build(const ElfImage& elf) {
    return elf.is_64 ? Writer<Elf64>{elf}.write() : Writer<Elf32>{elf}.write();
}

Bytes raw_note(std::uint32_t name_size, std::uint32_t value_size, std::uint32_t type,
               const Bytes& rest) {
    return join({bytes_of(name_size), bytes_of(value_size), bytes_of(type), rest});
}

Bytes note(std::string_view name, std::uint32_t type, const Bytes& value) {
    Bytes name_bytes = bytes_of_text(name);
    name_bytes.push_back(std::byte{0});
    const auto name_size = static_cast<std::uint32_t>(name_bytes.size());
    const auto value_size = static_cast<std::uint32_t>(value.size());
    return raw_note(name_size, value_size, type,
                    join({padded(std::move(name_bytes)), padded(value)}));
}

Bytes pvh_note(std::uint32_t entry) {
    return note("Xen", 18, bytes_of(entry));
}

ElfSegment note_segment(Bytes notes) {
    return {.type = kPtNote, .data = std::move(notes)};
}

ElfImage pvh_elf() {
    return {.segments = {
                {.address = 0x1000000, .data = Bytes(0x80, std::byte{0xf4})}, // hlt
                {.address = 0x1100000,
                 .data = bytes_of_text("initialised data"),
                 .memory_size = 0x2000},
                note_segment(pvh_note(kTestEntry)),
            }};
}

Bytes pvh_kernel() {
    return build(pvh_elf());
}

} // namespace pvh::test
