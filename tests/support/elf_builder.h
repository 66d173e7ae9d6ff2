// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes any ELF file, right or hostile. A field that is left empty tells the truth; one that is
// set, lies.
#pragma once

#include "libdomain/core/bytes_view.h"

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace pvh::test {

/// The bytes of a number as x86 stores it.
template <class T> Bytes bytes_of(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    Bytes bytes(sizeof(T));
    std::memcpy(bytes.data(), &value, sizeof(T));
    return bytes;
}

Bytes bytes_of_text(std::string_view text);
Bytes join(std::initializer_list<Bytes> parts);

inline constexpr std::uint32_t kPtLoad = 1;
inline constexpr std::uint32_t kPtNote = 4;
inline constexpr std::uint32_t kShtNote = 7;

struct ElfSegment {
    std::uint32_t type{kPtLoad};
    std::uint64_t address{}; // physical
    Bytes data{};
    std::uint64_t align{4};
    std::optional<std::uint64_t> offset{};
    std::optional<std::uint64_t> file_size{};
    std::optional<std::uint64_t> memory_size{};
};

struct ElfSection {
    std::uint32_t type{kShtNote};
    Bytes data{};
    std::optional<std::uint64_t> offset{};
    std::optional<std::uint64_t> size{};
};

struct ElfImage {
    bool is_64{true};
    std::uint16_t type{2};     // ET_EXEC
    std::uint16_t machine{62}; // EM_X86_64
    std::vector<ElfSegment> segments{};
    std::vector<ElfSection> sections{};
    std::optional<std::uint8_t> elf_class{};
    std::optional<std::uint8_t> encoding{};
    std::optional<std::uint64_t> program_table{};
    std::optional<std::uint16_t> program_count{};
    std::optional<std::uint16_t> program_entry_size{};
    std::optional<std::uint64_t> section_table{};
    std::optional<std::uint16_t> section_count{};
    std::optional<std::uint16_t> section_entry_size{};
};

Bytes build(const ElfImage& elf);

/// One note, name and value padded to 4 bytes.
Bytes note(std::string_view name, std::uint32_t type, const Bytes& value);
/// A note whose header says what it likes.
Bytes raw_note(std::uint32_t name_size, std::uint32_t value_size, std::uint32_t type,
               const Bytes& rest);
/// XEN_ELFNOTE_PHYS32_ENTRY with 4 bytes.
Bytes pvh_note(std::uint32_t entry);
ElfSegment note_segment(Bytes notes);

inline constexpr std::uint32_t kTestEntry = 0x1000040;

/// A bootable image: code at 16 MiB, data and BSS at 17 MiB, entry kTestEntry. `segments` are
/// {code, data, notes}.
ElfImage pvh_elf();
/// That, built.
Bytes pvh_kernel();

} // namespace pvh::test
