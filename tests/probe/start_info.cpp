// SPDX-License-Identifier: LGPL-2.1-or-later
// start_info and what it points to.
#include "tests/probe/boot.h"
#include "tests/probe/checks.h"
#include "tests/probe/guest_map.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/options.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

constexpr unsigned kMostModules = 8;

/// A piece of memory that the builder has filled.
struct Piece {
    const char* name;
    Range range;
};

struct Pieces {
    Piece list[4 + 2 * kMostModules + 1];
    unsigned size = 0;

    void add(const char* name, u64 begin, u64 bytes) {
        if (bytes != 0) list[size++] = {name, {begin, bytes}};
    }
};

struct Modules {
    const hvm_modlist_entry* list;
    unsigned size;

    [[nodiscard]] const hvm_modlist_entry* begin() const { return list; }

    [[nodiscard]] const hvm_modlist_entry* end() const { return list + size; }
};

Modules modules(const hvm_start_info& info) {
    if (info.nr_modules == 0 || info.nr_modules > kMostModules || info.modlist_paddr >= kFourGiB)
        return {nullptr, 0};
    return {&at<const hvm_modlist_entry>(info.modlist_paddr), info.nr_modules};
}

Pieces pieces(const hvm_start_info& info) {
    Pieces all;
    all.add("kernel", address_of(image_begin), address_of(image_end) - address_of(image_begin));
    all.add("start_info", address_of(&info), sizeof(info));
    const CommandLine line = command_line_at(info.cmdline_paddr);
    if (line.ends) all.add("cmdline", info.cmdline_paddr, line.size + 1);
    all.add("modlist", info.modlist_paddr, info.nr_modules * sizeof(hvm_modlist_entry));
    all.add("memmap", info.memmap_paddr, info.memmap_entries * sizeof(hvm_memmap_table_entry));
    for (const hvm_modlist_entry& module : modules(info)) {
        all.add("module", module.paddr, module.size);
        const CommandLine own = command_line_at(module.cmdline_paddr);
        if (own.ends) all.add("module's cmdline", module.cmdline_paddr, own.size + 1);
    }
    return all;
}

void check_header(const hvm_start_info& info) {
    check("start_info.magic", info.magic == XEN_HVM_START_MAGIC_VALUE, hex(info.magic));
    check("start_info.version", info.version == 1, info.version);
    check("start_info.flags", info.flags == 0, hex(info.flags));
}

void check_reserved(const hvm_start_info& info) {
    bool zero = info.reserved == 0;
    for (const hvm_modlist_entry& module : modules(info))
        zero = zero && module.reserved == 0;
    for (const hvm_memmap_table_entry& entry : memory_map())
        zero = zero && entry.reserved == 0;
    check("start_info.reserved", zero, "of start_info, ", info.nr_modules, " modules and ",
          info.memmap_entries, " ranges");
}

void check_in_ram(const hvm_start_info& info) {
    if (!has_map()) {
        skip("start_info.in_ram", "no map");
        return;
    }
    const Pieces all = pieces(info);
    for (unsigned i = 0; i < all.size; ++i)
        if (const Piece& piece = all.list[i]; !in_ram(piece.range)) {
            check("start_info.in_ram", false, piece.name, " at ", hex(piece.range.begin), " of ",
                  piece.range.size, " bytes is not");
            return;
        }
    check("start_info.in_ram", true, all.size, " pieces, start_info at ", hex(address_of(&info)));
}

void check_apart(const hvm_start_info& info) {
    const Pieces all = pieces(info);
    for (unsigned i = 0; i < all.size; ++i)
        for (unsigned j = i + 1; j < all.size; ++j)
            if (all.list[i].range.overlaps(all.list[j].range)) {
                check("start_info.apart", false, all.list[i].name, " at ",
                      hex(all.list[i].range.begin), " and ", all.list[j].name, " at ",
                      hex(all.list[j].range.begin));
                return;
            }
    check("start_info.apart", true, all.size, " pieces");
}

bool is_ascii(const CommandLine& line) {
    for (u64 i = 0; i < line.size; ++i)
        if (line.text[i] < ' ' || line.text[i] > '~') return false;
    return true;
}

// CRC-32 of IEEE 802.3, reflected.
u32 crc32(u64 address, u64 size) {
    constexpr u32 kPolynomial = 0xedb88320;
    static u32 table[256];
    for (u32 i = 0; i < 256; ++i) {
        u32 value = i;
        for (unsigned bit = 0; bit < 8; ++bit)
            value = value >> 1 ^ ((value & 1) != 0 ? kPolynomial : 0);
        table[i] = value;
    }
    u32 crc = ~0U;
    for (u64 i = 0; i < size; ++i)
        crc = crc >> 8 ^ table[(crc ^ at<const u8>(address + i)) & 0xff];
    return ~crc;
}

/// If the line says what its CRC is to be: of all before the word that says so, which is the last.
bool is_as_told(const CommandLine& line) {
    constexpr u64 kDigits = 8;
    const Option crc = option("probe.crc");
    if (!crc.given) return true;
    const u64 before = static_cast<u64>(crc.value.begin - line.text) - sizeof(" probe.crc=") + 1;
    return crc.value.size == kDigits && crc.value.begin + kDigits == line.text + line.size &&
           crc32(address_of(line.text), before) == crc.hex_number();
}

// A guest without a command line may be told so by an empty one or by none.
void check_command_line(const hvm_start_info& info) {
    const CommandLine line = command_line_at(info.cmdline_paddr);
    check("start_info.cmdline",
          info.cmdline_paddr == 0 || (line.ends && is_ascii(line) && is_as_told(line)), line.size,
          " bytes at ", hex(info.cmdline_paddr));
}

void check_module_content(const hvm_modlist_entry& module, const ModuleOption& wanted) {
    if (has_map() && !in_ram({module.paddr, module.size})) {
        check("start_info.module_content", false, module.size, " bytes at ", hex(module.paddr));
        return;
    }
    const u32 crc = crc32(module.paddr, module.size);
    check("start_info.module_content", module.size == wanted.size && crc == wanted.crc, module.size,
          " bytes at ", hex(module.paddr), ", crc=", hex(crc));
}

void check_modules(const hvm_start_info& info) {
    const ModuleOption wanted = module_option();
    const u32 count = wanted.given ? 1 : 0;
    check("start_info.modules", info.nr_modules == count && (count == 0 || info.modlist_paddr != 0),
          info.nr_modules, " of ", count, ", list at ", hex(info.modlist_paddr));
    if (info.nr_modules == 0) {
        skip("start_info.module_page", "no modules");
        skip("start_info.module_content", "no modules");
        skip("start_info.module_cmdline", "no modules");
        return;
    }
    for (const hvm_modlist_entry& module : modules(info)) {
        check("start_info.module_page", module.paddr % kPage == 0, hex(module.paddr));
        const CommandLine own = command_line_at(module.cmdline_paddr);
        check("start_info.module_cmdline", module.cmdline_paddr == 0 || own.ends, own.size,
              " bytes at ", hex(module.cmdline_paddr));
    }
    if (wanted.given)
        check_module_content(*modules(info).begin(), wanted);
    else
        skip("start_info.module_content", "no probe.module= to compare with");
}

void check_map(const hvm_start_info& info) {
    const MemoryMap map = memory_map();
    check("start_info.memmap", map.size > 0, map.size, " entries at ", hex(info.memmap_paddr));
    bool sorted = true;
    bool disjoint = true;
    for (unsigned i = 0; i < map.size; ++i) {
        const Range range = range_of(map.entries[i]);
        if (range.size == 0) disjoint = false;
        if (i > 0 && range.begin < map.entries[i - 1].addr) sorted = false;
        for (unsigned j = 0; j < i; ++j)
            if (range.overlaps(range_of(map.entries[j]))) disjoint = false;
    }
    check("start_info.memmap_sorted", sorted, map.size, " entries");
    check("start_info.memmap_disjoint", disjoint, map.size, " entries");
}

// [xen/include/public/memory.h XENMEM_memory_map: entries as of INT 0x15, eax=0xe820]
struct [[gnu::packed]] E820Entry {
    u64 address, size;
    u32 type;
};

static_assert(sizeof(E820Entry) == 20);

void check_map_of_xen() {
    if (!has_map()) {
        skip("start_info.memmap_same", "no map");
        return;
    }
    static E820Entry buffer[128];
    xen_memory_map map{};
    map.nr_entries = 128;
    set_xen_guest_handle(map.buffer, buffer);
    const i64 error = hypercall_on(__HYPERVISOR_memory_op, XENMEM_memory_map, map);
    const MemoryMap ours = memory_map();
    bool same = error == 0 && map.nr_entries == ours.size;
    for (unsigned i = 0; same && i < ours.size; ++i)
        same = buffer[i].address == ours.entries[i].addr &&
               buffer[i].size == ours.entries[i].size && buffer[i].type == ours.entries[i].type;
    check("start_info.memmap_same", same, "error ", error, ", ", map.nr_entries, " of ", ours.size,
          " entries");
}

} // namespace

void check_start_info() {
    const hvm_start_info* info = start_info();
    if (info == nullptr) {
        check("start_info.magic", false, "nothing at ", hex(entry_state.ebx));
        return;
    }
    check_header(*info);
    check_reserved(*info);
    check_map(*info);
    check_map_of_xen();
    check_command_line(*info);
    check_modules(*info);
    check_in_ram(*info);
    check_apart(*info);
}

} // namespace pvh::probe
