// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/mutant/guest_memory.h"

#include "libdomain/core/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace pvh::mutant {

namespace abi = boot::abi;

std::byte* GuestMemory::at(GuestAddr address, std::size_t size) {
    const auto page = std::find(pages_.begin(), pages_.end(), to_gfn(address));
    const auto offset =
        static_cast<std::size_t>(page - pages_.begin()) * kPageSize + address.value() % kPageSize;
    if (page == pages_.end() || size > bytes_.size() - offset)
        throw Error{Errc::internal, fmt::format("mutation of {}, which is not mapped", address)};
    return bytes_.data() + offset;
}

GuestAddr GuestMemory::last_word(std::uint32_t value) {
    const std::uint64_t begin = to_addr(pages_.front()).value();
    for (std::uint64_t address = start_info().value() - 4; address >= begin; address -= 4)
        if (read<std::uint32_t>(GuestAddr{address}) == value) return GuestAddr{address};
    throw Error{Errc::internal, fmt::format("mutation without a word {:#x}", value)};
}

GuestAddr GuestMemory::start_info() {
    for (const Gfn page : pages_) {
        const auto info = read<abi::StartInfo>(to_addr(page));
        if (info.magic == abi::kStartMagic && info.version == abi::kStartVersion)
            return to_addr(page);
    }
    throw Error{Errc::internal, "mutation without start_info"};
}

std::vector<MemoryRange> GuestMemory::memory_map() {
    const auto info = read<abi::StartInfo>(start_info());
    std::vector<MemoryRange> map;
    for (std::uint32_t i = 0; i < info.memmap_entries; ++i) {
        const auto entry =
            read<abi::MemmapEntry>(GuestAddr{info.memmap_paddr + i * sizeof(abi::MemmapEntry)});
        map.push_back({.address = GuestAddr{entry.addr},
                       .size = entry.size,
                       .type = static_cast<MemoryType>(entry.type)});
    }
    return map;
}

void GuestMemory::set_memory_map(std::span<const MemoryRange> map) {
    GuestAddr address{};
    edit<abi::StartInfo>(start_info(), [&](abi::StartInfo& info) {
        address = GuestAddr{info.memmap_paddr};
        info.memmap_entries = static_cast<std::uint32_t>(map.size());
    });
    for (const MemoryRange& range : map) {
        write(address, abi::MemmapEntry{.addr = range.address.value(),
                                        .size = range.size,
                                        .type = static_cast<std::uint32_t>(range.type),
                                        .reserved = 0});
        address = address + sizeof(abi::MemmapEntry);
    }
}

GuestAddr GuestMemory::module() {
    const auto info = read<abi::StartInfo>(start_info());
    if (info.nr_modules == 0) throw Error{Errc::internal, "mutation without a module"};
    return GuestAddr{info.modlist_paddr};
}

GuestAddr GuestMemory::rsdp() {
    return GuestAddr{read<abi::StartInfo>(start_info()).rsdp_paddr};
}

GuestAddr GuestMemory::table(const abi::Signature& signature) {
    const GuestAddr xsdt{read<abi::Rsdp>(rsdp()).xsdt_address};
    const auto length = read<abi::AcpiHeader>(xsdt).length;
    for (std::uint64_t at = sizeof(abi::AcpiHeader); at < length; at += sizeof(std::uint64_t)) {
        const GuestAddr listed{read<std::uint64_t>(xsdt + at)};
        if (read<abi::AcpiHeader>(listed).signature == signature) return listed;
    }
    throw Error{Errc::internal, "mutation without its ACPI table"};
}

void GuestMemory::mend_sum(GuestAddr table) {
    const GuestAddr checksum = table + offsetof(abi::AcpiHeader, checksum);
    const auto length = read<abi::AcpiHeader>(table).length;
    std::uint8_t sum = 0;
    for (std::uint64_t i = 0; i < length; ++i)
        sum = static_cast<std::uint8_t>(sum + read<std::uint8_t>(table + i));
    edit<std::uint8_t>(checksum,
                       [&](std::uint8_t& byte) { byte = static_cast<std::uint8_t>(byte - sum); });
}

} // namespace pvh::mutant
