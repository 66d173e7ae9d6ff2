// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/start_info.h"

#include "libdomain/boot/compose.h"

#include <string_view>

namespace pvh::boot {

namespace {

/// Offsets in the blob. Tables come before strings, so that they are aligned whatever the strings'
/// lengths.
struct Layout {
    std::uint64_t modules;
    std::uint64_t memmap;
    std::uint64_t strings;
};

Layout layout_of(const StartInfoContent& content) {
    const std::uint64_t modules = sizeof(abi::StartInfo);
    const std::uint64_t memmap = modules + content.modules.size() * sizeof(abi::Module);
    return {.modules = modules,
            .memmap = memmap,
            .strings = memmap + content.memory_map.size() * sizeof(abi::MemmapEntry)};
}

/// Strings one after the other behind the tables.
class StringWriter {
  public:
    StringWriter(Bytes& blob, GuestAddr base, std::uint64_t offset)
        : blob_{blob}, base_{base}, offset_{offset} {}

    /// Guest address of the copy; its NUL is what the zeroed blob already holds.
    std::uint64_t write(std::string_view text) {
        const std::uint64_t at = offset_;
        std::memcpy(blob_.data() + at, text.data(), text.size());
        offset_ += text.size() + 1;
        return (base_ + at).value();
    }

  private:
    Bytes& blob_;
    GuestAddr base_;
    std::uint64_t offset_;
};

void put_modules(Bytes& blob, std::uint64_t offset, const StartInfoContent& content,
                 StringWriter& strings) {
    for (const StartInfoModule& module : content.modules) {
        const bool has_cmdline = !module.cmdline.empty();
        put(blob, offset,
            abi::Module{.paddr = module.address.value(),
                        .size = module.size,
                        .cmdline_paddr = has_cmdline ? strings.write(module.cmdline) : 0,
                        .reserved = 0});
        offset += sizeof(abi::Module);
    }
}

void put_memmap(Bytes& blob, std::uint64_t offset, const std::vector<MemoryRange>& map) {
    for (const MemoryRange& range : map) {
        put(blob, offset,
            abi::MemmapEntry{.addr = range.address.value(),
                             .size = range.size,
                             .type = static_cast<std::uint32_t>(range.type),
                             .reserved = 0});
        offset += sizeof(abi::MemmapEntry);
    }
}

} // namespace

std::uint64_t start_info_size(const StartInfoContent& content) {
    std::uint64_t size = layout_of(content).strings + content.cmdline.size() + 1;
    for (const StartInfoModule& module : content.modules)
        if (!module.cmdline.empty()) size += module.cmdline.size() + 1;
    return size;
}

Bytes compose_start_info(const StartInfoContent& content, GuestAddr address) {
    const Layout at = layout_of(content);
    Bytes blob(start_info_size(content));
    StringWriter strings{blob, address, at.strings};
    put(blob, 0,
        abi::StartInfo{
            .magic = abi::kStartMagic,
            .version = abi::kStartVersion,
            .flags = 0,
            .nr_modules = static_cast<std::uint32_t>(content.modules.size()),
            .modlist_paddr = content.modules.empty() ? 0 : (address + at.modules).value(),
            .cmdline_paddr = strings.write(content.cmdline),
            .rsdp_paddr = content.rsdp.value(),
            .memmap_paddr = (address + at.memmap).value(),
            .memmap_entries = static_cast<std::uint32_t>(content.memory_map.size()),
            .reserved = 0,
        });
    put_modules(blob, at.modules, content, strings);
    put_memmap(blob, at.memmap, content.memory_map);
    return blob;
}

} // namespace pvh::boot
