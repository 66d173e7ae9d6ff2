// SPDX-License-Identifier: LGPL-2.1-or-later
// What the builder has loaded, for mutations to spoil: bytes by guest address, and the structures
// in them.
#pragma once

#include "libdomain/boot/acpi_abi.h"
#include "libdomain/boot/start_info.h"
#include "libdomain/core/guest_types.h"
#include "libdomain/core/ids.h"

#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace pvh::mutant {

/// Throws Errc::internal for addresses that were not mapped, and for structures that are not there.
class GuestMemory {
  public:
    GuestMemory(std::span<std::byte> bytes, std::span<const Gfn> pages)
        : bytes_{bytes}, pages_{pages} {}

    template <class T> [[nodiscard]] T read(GuestAddr address) {
        T value;
        std::memcpy(&value, at(address, sizeof(T)), sizeof(T));
        return value;
    }

    template <class T> void write(GuestAddr address, const T& value) {
        std::memcpy(at(address, sizeof(T)), &value, sizeof(T));
    }

    /// Reads a T, has it changed, and writes it back.
    template <class T, class Edit> void edit(GuestAddr address, Edit edit_value) {
        T value = read<T>(address);
        edit_value(value);
        write(address, value);
    }

    void flip(GuestAddr address) {
        edit<std::uint8_t>(address, [](std::uint8_t& byte) { byte ^= 0xff; });
    }

    /// The last word of that value in memory below start_info, at a multiple of 4.
    [[nodiscard]] GuestAddr last_word(std::uint32_t value);

    [[nodiscard]] GuestAddr start_info();
    [[nodiscard]] std::vector<MemoryRange> memory_map();
    /// At most as many ranges as there were.
    void set_memory_map(std::span<const MemoryRange> map);
    [[nodiscard]] GuestAddr module();

    [[nodiscard]] GuestAddr rsdp();
    /// A table that the XSDT lists.
    [[nodiscard]] GuestAddr table(const boot::abi::Signature& signature);
    /// Has the table sum up to 0 again.
    void mend_sum(GuestAddr table);

  private:
    [[nodiscard]] std::byte* at(GuestAddr address, std::size_t size);

    std::span<std::byte> bytes_;
    std::span<const Gfn> pages_;
};

} // namespace pvh::mutant
