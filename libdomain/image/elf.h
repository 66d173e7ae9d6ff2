// SPDX-License-Identifier: LGPL-2.1-or-later
// ELF32 and ELF64 for x86, as a loader of kernels needs them: headers, then segments.   [System V
// gABI, chapters 4 and 5]
#pragma once

#include "libdomain/core/bytes_view.h"
#include "libdomain/image/kernel_image.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pvh::image {

/// One program header, widened to 64 bits. Only its place in the table is vouched for, no value.
struct ProgramHeader {
    std::uint32_t index{};
    std::uint64_t at{}; // file offset of the header itself
    std::uint32_t type{};
    std::uint64_t offset{};
    std::uint64_t physical{};
    std::uint64_t file_size{};
    std::uint64_t memory_size{};
};

/// One section header, likewise.
struct SectionHeader {
    std::uint32_t index{};
    std::uint64_t at{};
    std::uint32_t type{};
    std::uint64_t offset{};
    std::uint64_t size{};
};

/// The noun phrase of messages: "program header 3 at offset 0xe8".
std::string describe(const ProgramHeader& header);
std::string describe(const SectionHeader& header);

struct Elf {
    BytesView bytes;
    bool is_64{};
    std::uint64_t section_table{}; // 0: none. Not checked yet: kernels boot without sections
    std::uint16_t section_count{};
    std::uint16_t section_entry_size{};
    std::vector<ProgramHeader> program_headers;

    [[nodiscard]] const char* class_name() const { return is_64 ? "ELF64" : "ELF32"; }
};

bool is_elf(BytesView bytes);

/// Checks the file header and reads the program headers. `bytes` must outlive the result.
/// Throws Errc::invalid_kernel for whatever is no little-endian x86 ELF executable.
Elf parse_elf(BytesView bytes);

/// The section headers; empty if the file has none. Throws Errc::invalid_kernel if the table does
/// not lie in the file.
std::vector<SectionHeader> section_headers(const Elf& elf);

/// The part of the file that a header's offset and size name. Throws Errc::invalid_kernel if it
/// does not lie in the file.
BytesView file_range(const Elf& elf, const std::string& what, std::uint64_t offset,
                     std::uint64_t size);

/// What PT_LOAD places in memory, at physical addresses: at least one segment, each non-empty, in
/// the file, below 4 GiB; ascending and disjoint. Throws Errc::invalid_kernel otherwise.
std::vector<Segment> load_segments(const Elf& elf);

} // namespace pvh::image
