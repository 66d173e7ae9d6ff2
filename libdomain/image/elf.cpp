// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/elf.h"

#include "libdomain/image/invalid_kernel.h"

#include <algorithm>
#include <string_view>

#include <elf.h>

namespace pvh::image {

namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kAddressLimit = 4 * kGiB; // the PVH entry runs with paging off

/// What both classes have, widened.
struct FileHeader {
    bool is_64{};
    std::uint16_t type{};
    std::uint16_t machine{};
    std::uint64_t program_table{};
    std::uint16_t program_entry_size{};
    std::uint16_t program_count{};
    std::uint64_t section_table{};
    std::uint16_t section_entry_size{};
    std::uint16_t section_count{};
};

template <class Ehdr> FileHeader widen(const Ehdr& raw, bool is_64) {
    return {.is_64 = is_64,
            .type = raw.e_type,
            .machine = raw.e_machine,
            .program_table = raw.e_phoff,
            .program_entry_size = raw.e_phentsize,
            .program_count = raw.e_phnum,
            .section_table = raw.e_shoff,
            .section_entry_size = raw.e_shentsize,
            .section_count = raw.e_shnum};
}

template <class Phdr>
ProgramHeader widen_segment(const Phdr& raw, std::uint32_t index, std::uint64_t at) {
    return {.index = index,
            .at = at,
            .type = raw.p_type,
            .offset = raw.p_offset,
            .physical = raw.p_paddr,
            .file_size = raw.p_filesz,
            .memory_size = raw.p_memsz};
}

template <class Shdr>
SectionHeader widen_section(const Shdr& raw, std::uint32_t index, std::uint64_t at) {
    return {.index = index,
            .at = at,
            .type = raw.sh_type,
            .offset = raw.sh_offset,
            .size = raw.sh_size};
}

std::uint8_t ident(BytesView bytes, unsigned index) {
    const auto value = bytes.read<std::uint8_t>(index);
    if (!value)
        throw invalid_kernel("ELF file of {} bytes ends in its identification of {} bytes",
                             bytes.size(), EI_NIDENT);
    return *value;
}

template <class Ehdr> FileHeader read_file_header(BytesView bytes, bool is_64) {
    const auto raw = bytes.read<Ehdr>(0);
    if (!raw)
        throw invalid_kernel("ELF file header has {} bytes, the file only {}", sizeof(Ehdr),
                             bytes.size());
    return widen(*raw, is_64);
}

FileHeader read_file_header(BytesView bytes) {
    if (const auto data = ident(bytes, EI_DATA); data != ELFDATA2LSB)
        throw invalid_kernel("ELF data encoding at offset 0x5 is {}, x86 needs 1 (little endian)",
                             data);
    const auto elf_class = ident(bytes, EI_CLASS);
    if (elf_class == ELFCLASS64) return read_file_header<Elf64_Ehdr>(bytes, true);
    if (elf_class == ELFCLASS32) return read_file_header<Elf32_Ehdr>(bytes, false);
    throw invalid_kernel("ELF class at offset 0x4 is {}, known are 1 (ELF32) and 2 (ELF64)",
                         elf_class);
}

void check_kind(const FileHeader& header) {
    if (header.machine != EM_386 && header.machine != EM_X86_64)
        throw invalid_kernel(
            "ELF machine at offset 0x12 is {}, a guest needs 3 (i386) or 62 (x86-64)",
            header.machine)
            .with_hint("this kernel was built for another processor");
    if (header.type != ET_EXEC && header.type != ET_DYN)
        throw invalid_kernel(
            "ELF type at offset 0x10 is {}, a kernel is 2 (executable) or 3 (shared object)",
            header.type);
}

/// Where one entry of a header table lies; the table must lie in the file.
class Table {
  public:
    Table(std::string_view name, BytesView bytes, std::uint64_t offset, std::uint64_t count,
          std::uint64_t entry_size)
        : offset_{offset}, entry_size_{entry_size} {
        // 16-bit count and size: the product cannot wrap.
        if (!bytes.contains(offset, count * entry_size))
            throw invalid_kernel(
                "{} header table at offset {:#x}: {} entries of {} bytes exceed image size {:#x}",
                name, offset, count, entry_size, bytes.size());
    }

    [[nodiscard]] std::uint64_t at(std::uint32_t index) const {
        return offset_ + index * entry_size_;
    }

  private:
    std::uint64_t offset_;
    std::uint64_t entry_size_;
};

void check_entry_size(std::string_view field, const char* class_name, std::uint64_t found,
                      std::uint64_t wanted) {
    if (found != wanted)
        throw invalid_kernel("{} is {}, an {} header has {} bytes", field, found, class_name,
                             wanted);
}

template <class Phdr> void read_program_headers(Elf& elf, const FileHeader& header) {
    if (header.program_count == PN_XNUM)
        throw invalid_kernel(
            "ELF e_phnum is 0xffff (PN_XNUM), a kernel with that many segments is not supported");
    if (header.program_count == 0)
        throw invalid_kernel("{} has no program header: an object file, not a linked kernel",
                             elf.class_name());
    check_entry_size("ELF e_phentsize", elf.class_name(), header.program_entry_size, sizeof(Phdr));
    const Table table{"program", elf.bytes, header.program_table, header.program_count,
                      sizeof(Phdr)};
    elf.program_headers.reserve(header.program_count);
    for (std::uint32_t i = 0; i < header.program_count; ++i)
        elf.program_headers.push_back(
            widen_segment(*elf.bytes.read<Phdr>(table.at(i)), i, table.at(i)));
}

template <class Shdr> std::vector<SectionHeader> read_section_headers(const Elf& elf) {
    check_entry_size("ELF e_shentsize", elf.class_name(), elf.section_entry_size, sizeof(Shdr));
    const Table table{"section", elf.bytes, elf.section_table, elf.section_count, sizeof(Shdr)};
    std::vector<SectionHeader> sections;
    sections.reserve(elf.section_count);
    for (std::uint32_t i = 0; i < elf.section_count; ++i)
        sections.push_back(widen_section(*elf.bytes.read<Shdr>(table.at(i)), i, table.at(i)));
    return sections;
}

void check_loadable(const Elf& elf, const ProgramHeader& header) {
    if (header.file_size > header.memory_size)
        throw invalid_kernel("{}: file size {:#x} exceeds memory size {:#x}", describe(header),
                             header.file_size, header.memory_size);
    file_range(elf, describe(header), header.offset, header.file_size);
    if (header.physical > kAddressLimit || header.memory_size > kAddressLimit - header.physical)
        throw invalid_kernel("{}: memory range {:#x}+{:#x} exceeds 4 GiB", describe(header),
                             header.physical, header.memory_size);
}

std::vector<ProgramHeader> loadable_headers(const Elf& elf) {
    std::vector<ProgramHeader> loadable;
    for (const ProgramHeader& header : elf.program_headers) {
        if (header.type != PT_LOAD) continue;
        check_loadable(elf, header);
        if (header.memory_size != 0) loadable.push_back(header);
    }
    return loadable;
}

void check_disjoint(const std::vector<ProgramHeader>& ascending) {
    const auto overlap = std::adjacent_find(
        ascending.begin(), ascending.end(), [](const ProgramHeader& a, const ProgramHeader& b) {
            return a.physical + a.memory_size > b.physical; // both ends are below 4 GiB
        });
    if (overlap == ascending.end()) return;
    const ProgramHeader& next = *std::next(overlap);
    throw invalid_kernel("{}: memory range {:#x}+{:#x} overlaps {:#x}+{:#x} of {}", describe(next),
                         next.physical, next.memory_size, overlap->physical, overlap->memory_size,
                         describe(*overlap));
}

} // namespace

std::string describe(const ProgramHeader& header) {
    return fmt::format("program header {} at offset {:#x}", header.index, header.at);
}

std::string describe(const SectionHeader& header) {
    return fmt::format("section header {} at offset {:#x}", header.index, header.at);
}

bool is_elf(BytesView bytes) {
    return has_magic(bytes, "\x7f"
                            "ELF"sv);
}

Elf parse_elf(BytesView bytes) {
    const FileHeader header = read_file_header(bytes);
    check_kind(header);
    Elf elf{.bytes = bytes,
            .is_64 = header.is_64,
            .section_table = header.section_table,
            .section_count = header.section_count,
            .section_entry_size = header.section_entry_size,
            .program_headers = {}};
    if (elf.is_64)
        read_program_headers<Elf64_Phdr>(elf, header);
    else
        read_program_headers<Elf32_Phdr>(elf, header);
    return elf;
}

std::vector<SectionHeader> section_headers(const Elf& elf) {
    if (elf.section_table == 0 || elf.section_count == 0) return {};
    return elf.is_64 ? read_section_headers<Elf64_Shdr>(elf)
                     : read_section_headers<Elf32_Shdr>(elf);
}

BytesView file_range(const Elf& elf, const std::string& what, std::uint64_t offset,
                     std::uint64_t size) {
    const auto range = elf.bytes.sub(offset, size);
    if (!range)
        throw invalid_kernel("{}: file range {:#x}+{:#x} exceeds image size {:#x}", what, offset,
                             size, elf.bytes.size());
    return *range;
}

std::vector<Segment> load_segments(const Elf& elf) {
    std::vector<ProgramHeader> headers = loadable_headers(elf);
    if (headers.empty()) throw invalid_kernel("{} has no PT_LOAD segment", elf.class_name());
    std::sort(headers.begin(), headers.end(), [](const ProgramHeader& a, const ProgramHeader& b) {
        return a.physical < b.physical;
    });
    check_disjoint(headers);
    std::vector<Segment> segments;
    segments.reserve(headers.size());
    for (const ProgramHeader& header : headers)
        segments.push_back({.address = GuestAddr{header.physical},
                            .memory_size = header.memory_size,
                            .data = *elf.bytes.sub(header.offset, header.file_size)});
    return segments;
}

} // namespace pvh::image
