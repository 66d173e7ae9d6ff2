// SPDX-License-Identifier: LGPL-2.1-or-later
// hvm_start_info, version 1: what the guest finds at %ebx.
// [xen/include/public/arch-x86/hvm/start_info.h]
#pragma once

#include "libdomain/core/bytes_view.h"
#include "libdomain/core/guest_types.h"
#include "libdomain/core/ids.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pvh::boot {

// The three structs of the ABI. All integers are little endian, all addresses guest physical.
namespace abi {

inline constexpr std::uint32_t kStartMagic = 0x336ec578; // XEN_HVM_START_MAGIC_VALUE
inline constexpr std::uint32_t kStartVersion = 1;

struct StartInfo { // struct hvm_start_info
    std::uint32_t magic{};
    std::uint32_t version{};
    std::uint32_t flags{}; // SIF_*: none for a domU
    std::uint32_t nr_modules{};
    std::uint64_t modlist_paddr{}; // 0 if there are no modules
    std::uint64_t cmdline_paddr{}; // of a NUL-terminated string
    std::uint64_t rsdp_paddr{};
    std::uint64_t memmap_paddr{};
    std::uint32_t memmap_entries{};
    std::uint32_t reserved{};
};

static_assert(sizeof(StartInfo) == 56);
static_assert(offsetof(StartInfo, nr_modules) == 12 && offsetof(StartInfo, modlist_paddr) == 16);
static_assert(offsetof(StartInfo, cmdline_paddr) == 24 && offsetof(StartInfo, rsdp_paddr) == 32);
static_assert(offsetof(StartInfo, memmap_paddr) == 40 && offsetof(StartInfo, memmap_entries) == 48);

struct Module { // struct hvm_modlist_entry
    std::uint64_t paddr{};
    std::uint64_t size{};
    std::uint64_t cmdline_paddr{}; // 0 if the module has none
    std::uint64_t reserved{};
};

static_assert(sizeof(Module) == 32 && offsetof(Module, cmdline_paddr) == 16);

struct MemmapEntry { // struct hvm_memmap_table_entry
    std::uint64_t addr{};
    std::uint64_t size{};
    std::uint32_t type{}; // XEN_HVM_MEMMAP_TYPE_*, numerically MemoryType
    std::uint32_t reserved{};
};

static_assert(sizeof(MemmapEntry) == 24 && offsetof(MemmapEntry, type) == 16);

} // namespace abi

struct StartInfoModule {
    GuestAddr address;
    std::uint64_t size{};
    std::string cmdline; // empty: none
};

struct StartInfoContent {
    std::string cmdline; // without NUL bytes; any length
    std::vector<StartInfoModule> modules;
    std::vector<MemoryRange> memory_map;
    GuestAddr rsdp;
};

/// How many bytes compose_start_info will return. Does not depend on any address, so it can be
/// asked before placement.
std::uint64_t start_info_size(const StartInfoContent& content);

/// One blob for `address` (8-byte aligned): the struct, module list, memory map, then the strings;
/// each byte is defined. The command line is always there, if only as an empty string: the ABI does
/// not call it optional.
Bytes compose_start_info(const StartInfoContent& content, GuestAddr address);

} // namespace pvh::boot
