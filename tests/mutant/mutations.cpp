// SPDX-License-Identifier: LGPL-2.1-or-later
// The table. What each of them is to break is in tests/lab/scenarios/57-mutations.sh.
#include "libdomain/boot/layout.h"
#include "libdomain/core/error.h"
#include "libdomain/device/store_node.h"
#include "tests/mutant/mutation.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace pvh::mutant {

namespace {

namespace abi = boot::abi;
namespace layout = boot::layout;

using Map = std::vector<MemoryRange>;
using Grants = std::vector<xen::SeededGrant>;
using Extents = std::vector<Extent>;
using xen::HvmParam;

constexpr GrantRef kConsoleGrant{0};
constexpr GrantRef kStoreGrant{1};
constexpr DomId kNobody{4321};

// Where a segment would land that does not begin at 0: in RAM that nobody uses.
constexpr std::uint64_t kElsewhere = 8 * kMiB;

// ---- bytes -------------------------------------------------------------------------------------

constexpr std::uint32_t kKnownWord = 0x70726f62; // tests/probe/boot.h

constexpr std::uint64_t kImageStack = 16 << 10;

void dirty_bss(GuestMemory& memory) {
    // start_info is behind the image, which ends with its stack; what nobody touches is
    // before. [tests/probe/boot.S]
    memory.flip(GuestAddr{memory.start_info().value() - kImageStack - 1});
}

template <auto Field, auto Value> void in_start_info(GuestMemory& memory) {
    memory.edit<abi::StartInfo>(memory.start_info(),
                                [](abi::StartInfo& info) { info.*Field = Value; });
}

template <auto Field> void add_to_module(GuestMemory& memory, std::uint64_t more) {
    memory.edit<abi::Module>(memory.module(), [&](abi::Module& module) { module.*Field += more; });
}

void reserved_of_range(GuestMemory& memory) {
    const auto info = memory.read<abi::StartInfo>(memory.start_info());
    memory.edit<abi::MemmapEntry>(GuestAddr{info.memmap_paddr},
                                  [](abi::MemmapEntry& entry) { entry.reserved = 1; });
}

GuestAddr command_line(GuestMemory& memory) {
    return GuestAddr{memory.read<abi::StartInfo>(memory.start_info()).cmdline_paddr};
}

GuestAddr end_of_command_line(GuestMemory& memory) {
    GuestAddr end = command_line(memory);
    while (memory.read<char>(end) != '\0')
        end = end + 1;
    return end;
}

/// It goes on to the last byte but one of its page.
void command_line_goes_on(GuestMemory& memory) {
    for (GuestAddr at = end_of_command_line(memory); (at + 1).value() % kPageSize != 0; at = at + 1)
        memory.write(at, 'x');
}

void command_line_is_not_ascii(GuestMemory& memory) {
    memory.write(end_of_command_line(memory) + -1ULL, '\t');
}

void command_line_is_another(GuestMemory& memory) {
    // The last word but one is what nobody asks for.
    GuestAddr at = end_of_command_line(memory);
    while (memory.read<char>(at) != ' ')
        at = at + -1ULL;
    memory.write(at + -1ULL, '!');
}

void module_is_start_info(GuestMemory& memory) {
    const std::uint64_t address = memory.start_info().value();
    memory.edit<abi::Module>(memory.module(), [&](abi::Module& module) { module.paddr = address; });
}

void module_is_not_ram(GuestMemory& memory) {
    memory.edit<abi::Module>(memory.module(), [](abi::Module& module) {
        module.paddr = layout::kAcpiTables.value();
        module.size = kPageSize;
    });
}

void module_byte(GuestMemory& memory) {
    const auto module = memory.read<abi::Module>(memory.module());
    memory.flip(GuestAddr{module.paddr + module.size - 1});
}

// ---- ACPI tables -------------------------------------------------------------------------------

template <std::size_t Offset> void in_rsdp(GuestMemory& memory) {
    memory.flip(memory.rsdp() + Offset);
}

void xsdt_sum(GuestMemory& memory) {
    const auto rsdp = memory.read<abi::Rsdp>(memory.rsdp());
    memory.flip(GuestAddr{rsdp.xsdt_address} + offsetof(abi::AcpiHeader, checksum));
}

void rsdt_sum(GuestMemory& memory) {
    const auto rsdp = memory.read<abi::Rsdp>(memory.rsdp());
    memory.flip(GuestAddr{rsdp.rsdt_address} + offsetof(abi::AcpiHeader, checksum));
}

constexpr abi::Signature kMadt{'A', 'P', 'I', 'C'};
constexpr abi::Signature kFadt{'F', 'A', 'C', 'P'};
constexpr abi::Signature kSrat{'S', 'R', 'A', 'T'};
constexpr abi::Signature kSlit{'S', 'L', 'I', 'T'};

template <class T, class Edit>
void in_table(GuestMemory& memory, const abi::Signature& signature, std::size_t offset, Edit edit) {
    const GuestAddr table = memory.table(signature);
    memory.edit<T>(table + offset, edit);
    memory.mend_sum(table);
}

void madt_sum(GuestMemory& memory) {
    memory.flip(memory.table(kMadt) + offsetof(abi::AcpiHeader, checksum));
}

/// As the numbers of the vCPUs themselves: 0, 1, 2.
void madt_ids(GuestMemory& memory) {
    const GuestAddr table = memory.table(kMadt);
    const auto length = memory.read<abi::AcpiHeader>(table).length;
    for (std::uint64_t at = sizeof(abi::Madt); at < length; at += sizeof(abi::MadtLapic))
        memory.edit<abi::MadtLapic>(table + at,
                                    [](abi::MadtLapic& apic) { apic.apic_id = apic.processor_id; });
    memory.mend_sum(table);
}

void madt_entry_disabled(GuestMemory& memory) {
    in_table<abi::MadtLapic>(memory, kMadt, sizeof(abi::Madt) + sizeof(abi::MadtLapic),
                             [](abi::MadtLapic& apic) { apic.flags = 0; });
}

void fadt_dsdt(GuestMemory& memory) {
    in_table<abi::Fadt>(memory, kFadt, 0, [](abi::Fadt& fadt) { fadt.dsdt += 16; });
}

void facs_signature(GuestMemory& memory) {
    memory.flip(GuestAddr{memory.read<abi::Fadt>(memory.table(kFadt)).x_firmware_ctrl});
}

void dsdt_byte(GuestMemory& memory) {
    memory.flip(GuestAddr{memory.read<abi::Fadt>(memory.table(kFadt)).x_dsdt} +
                sizeof(abi::AcpiHeader));
}

void srat_apic(GuestMemory& memory) {
    in_table<abi::SratProcessor>(memory, kSrat, sizeof(abi::Srat) + sizeof(abi::SratProcessor),
                                 [](abi::SratProcessor& processor) { processor.apic_id = 1; });
}

void srat_memory(GuestMemory& memory) {
    const auto length = memory.read<abi::AcpiHeader>(memory.table(kSrat)).length;
    in_table<abi::SratMemory>(memory, kSrat, length - sizeof(abi::SratMemory),
                              [](abi::SratMemory& range) { range.address += 4 * kGiB; });
}

void slit_diagonal(GuestMemory& memory) {
    in_table<std::uint8_t>(memory, kSlit, sizeof(abi::Slit),
                           [](std::uint8_t& distance) { distance = 20; });
}

// ---- rings -------------------------------------------------------------------------------------

// [xen/include/public/io/console.h: in, out, in_cons, in_prod, out_cons, out_prod]
constexpr std::uint64_t kConsoleOutProducer = 1024 + 2048 + 12;
// [xen/include/public/io/xs_wire.h: req, rsp, req_cons, req_prod, rsp_cons, rsp_prod]
constexpr std::uint64_t kStoreResponseProducer = 2 * 1024 + 12;

/// Six characters of a former life.
void stale_console(GuestMemory& memory) {
    constexpr std::array kStale{'s', 't', 'a', 'l', 'e', '\n'};
    const GuestAddr ring = to_addr(layout::kConsoleRing);
    memory.write(ring + 1024, kStale);
    memory.write(ring + kConsoleOutProducer, static_cast<std::uint32_t>(kStale.size()));
}

/// An answer that nobody has asked for.
void stale_store(GuestMemory& memory) {
    memory.write(to_addr(layout::kStoreRing) + kStoreResponseProducer, std::uint32_t{16});
}

// ---- memory ------------------------------------------------------------------------------------

MemoryRange& range_at(Map& map, GuestAddr address) {
    return *std::find_if(map.begin(), map.end(),
                         [&](const MemoryRange& range) { return range.address == address; });
}

void no_reserved_range(Map& map) {
    std::erase_if(map, [](const MemoryRange& r) { return r.type == MemoryType::reserved; });
}

/// Single pages in place of the last extent, but for the last one.
void no_last_page(Extents& extents) {
    const Extent last = extents.back();
    extents.pop_back();
    for (std::uint64_t i = 0; i + 1 < 1ULL << last.order; ++i)
        extents.push_back({.first = last.first + PageCount{i}, .order = 0});
}

// ---- grants ------------------------------------------------------------------------------------

xen::SeededGrant& console_grant(Grants& grants) {
    return *std::find_if(grants.begin(), grants.end(),
                         [](const xen::SeededGrant& g) { return g.ref == kConsoleGrant; });
}

void no_console_grant(Grants& grants) {
    std::erase_if(grants, [](const xen::SeededGrant& g) { return g.ref == kConsoleGrant; });
}

// ---- vCPUs -------------------------------------------------------------------------------------

// A local APIC's base register: where it is, enabled, of the bootstrap processor.
constexpr std::uint64_t kApicBase = 0xfee00000;
constexpr std::uint64_t kApicEnabled = 1U << 11;
constexpr std::uint64_t kApicBootstrap = 1U << 8;
constexpr std::uint32_t kApicVersion = 0x50014; // Xen's   [xen/arch/x86/hvm/vlapic.c]

// Behind the ring's indices there is room for code.
constexpr GuestAddr kLoop = to_addr(layout::kConsoleRing) + 4000;

/// A jump to itself, for a vCPU that nobody has asked for.
void put_loop(GuestMemory& memory) {
    memory.write(kLoop, std::array<std::uint8_t, 2>{0xeb, 0xfe});
}

// [Intel SDM volume 2A, CPUID: the vendor in ebx, edx, ecx]
void intel(CpuidLeaf& leaf) {
    leaf.b = 0x756e6547;
    leaf.d = 0x49656e69;
    leaf.c = 0x6c65746e;
}

// That of Hyper-V's interface, which no builder of PVH domains sets.
// [xen/include/public/hvm/params.h]
constexpr auto kViridian = static_cast<HvmParam>(9);

// What an HVM guest with a device model has: all but vPCI.
constexpr std::uint32_t kDevicesOfHvm = 0x3ff;

// clang-format off
const Mutation kMutations[] = {
    {"ebx", VcpuMistake{[](VcpuState& s) { s.rbx += 16; }}},
    {"cr0-wp", VcpuMistake{[](VcpuState& s) { s.cr0 |= 1U << 16; }}},
    {"cr0-cd", VcpuMistake{[](VcpuState& s) { s.cr0 |= 1U << 30; }}},
    {"cr4-pse", VcpuMistake{[](VcpuState& s) { s.cr4 |= 1U << 4; }}},
    {"cr4-pae", VcpuMistake{[](VcpuState& s) { s.cr4 |= 1U << 5; }}},
    {"eflags-if", VcpuMistake{[](VcpuState& s) { s.rflags |= 1U << 9; }}},
    {"efer-sce", VcpuMistake{[](VcpuState& s) { s.efer |= 1U; }}},
    {"cs-base", VcpuMistake{[](VcpuState& s) { s.cs.base = 16; s.rip -= 16; }}},
    {"ds-base", VcpuMistake{[](VcpuState& s) { s.ds.base = kElsewhere; }}},
    {"es-base", VcpuMistake{[](VcpuState& s) { s.es.base = kElsewhere; }}},
    {"ss-base", VcpuMistake{[](VcpuState& s) { s.ss.base = kElsewhere; }}},
    {"ss-16bit", VcpuMistake{[](VcpuState& s) { s.ss.attributes &= ~(1U << 10); }}},
    {"cpl", VcpuMistake{[](VcpuState& s) { for (auto* segment : {&s.cs, &s.ds, &s.es, &s.ss}) segment->attributes |= 3U << 5; }}},
    {"cs-limit", VcpuMistake{[](VcpuState& s) { s.cs.limit = 2 * kMiB - 1; }}},
    {"ds-limit", VcpuMistake{[](VcpuState& s) { s.ds.limit = 2 * kMiB - 1; }}},
    {"es-limit", VcpuMistake{[](VcpuState& s) { s.es.limit = 2 * kMiB - 1; }}},
    {"ss-limit", VcpuMistake{[](VcpuState& s) { s.ss.limit = 2 * kMiB - 1; }}},
    {"mtrr", MtrrMistake{}},
    {"ap-up", ContextMistake{[](HvmContext& c) { c.copy_boot_vcpu(1, kLoop.value()); }, put_loop}},
    {"ap-apic-id", ContextMistake{[](HvmContext& c) { c.add_apic(1, 1, kApicVersion); }}},
    {"ap-apic-off", ContextMistake{[](HvmContext& c) { c.add_apic_base(1, kApicBase); }}},
    {"apic-id", ContextMistake{[](HvmContext& c) { c.add_apic(0, 1, kApicVersion); }}},
    {"apic-version", ContextMistake{[](HvmContext& c) { c.add_apic(0, 0, 0x4); }}},
    {"apic-no-bootstrap", ContextMistake{[](HvmContext& c) { c.add_apic_base(0, kApicBase | kApicEnabled); }}},
    {"apic-off", ContextMistake{[](HvmContext& c) { c.add_apic_base(0, kApicBase | kApicBootstrap); }}},
    {"devices-of-hvm", DevicesMistake{kDevicesOfHvm}},
    {"cpuid-leaves", CpuidMistake{0x40000000, [](CpuidLeaf& l) { l.a = 3; }}},
    {"cpuid-vendor", CpuidMistake{0, intel}},
    {"cpuid-no-pse", CpuidMistake{1, [](CpuidLeaf& l) { l.d &= ~(1U << 3); }}},
    {"viridian", ParamMistake{kViridian, 1}},
    {"clock", ClockMistake{-2'000'000'000}},
    {"no-paging-pool", PagingMistake{}},
    {"few-channels", CreateMistake{[](xen::CreateDomain& c) { c.max_event_channel_port = 2; }}},
    {"no-maptrack", CreateMistake{[](xen::CreateDomain& c) { c.max_maptrack_frames = 0; }}},

    {"image-tail", LoadMistake{[](GuestMemory& m) { m.flip(m.last_word(kKnownWord)); }}},
    {"image-bss", LoadMistake{dirty_bss}},

    {"info-magic", LoadMistake{in_start_info<&abi::StartInfo::magic, 0x336ec579U>}},
    {"info-version-0", LoadMistake{in_start_info<&abi::StartInfo::version, 0U>}},
    {"info-version-2", LoadMistake{in_start_info<&abi::StartInfo::version, 2U>}},
    {"info-flags", LoadMistake{in_start_info<&abi::StartInfo::flags, 1U>}},
    {"info-reserved", LoadMistake{in_start_info<&abi::StartInfo::reserved, 1U>}},
    {"range-reserved", LoadMistake{reserved_of_range}},
    {"cmdline-goes-on", LoadMistake{command_line_goes_on}},
    {"cmdline-not-ascii", LoadMistake{command_line_is_not_ascii}},
    {"cmdline-other", LoadMistake{command_line_is_another}},
    {"no-modules", LoadMistake{in_start_info<&abi::StartInfo::nr_modules, 0U>}},
    {"module-address", LoadMistake{[](GuestMemory& m) { add_to_module<&abi::Module::paddr>(m, kPageSize); }}},
    {"module-unaligned", LoadMistake{[](GuestMemory& m) { add_to_module<&abi::Module::paddr>(m, 1); }}},
    {"module-size", LoadMistake{[](GuestMemory& m) { add_to_module<&abi::Module::size>(m, 1); }}},
    {"module-byte", LoadMistake{module_byte}},
    {"module-cmdline", LoadMistake{[](GuestMemory& m) { add_to_module<&abi::Module::cmdline_paddr>(m, 0xfffffff0); }}},
    {"module-reserved", LoadMistake{[](GuestMemory& m) { add_to_module<&abi::Module::reserved>(m, 1); }}},
    {"module-over-info", LoadMistake{module_is_start_info}},
    {"module-in-hole", LoadMistake{module_is_not_ram}},

    {"map-none", LoadMistake{in_start_info<&abi::StartInfo::memmap_entries, 0U>}},
    {"map-of-xen", MapMistake{.apply = no_reserved_range, .by_xen_alone = true}},
    {"map-unsorted", MapMistake{[](Map& m) { std::swap(m.front(), m.back()); }}},
    {"map-overlap", MapMistake{[](Map& m) { auto& r = range_at(m, layout::kRsdp); r.address = r.address + -kPageSize; r.size += kPageSize; }}},
    {"map-no-reserved", MapMistake{no_reserved_range}},
    {"map-rsdp-reserved", MapMistake{[](Map& m) { range_at(m, layout::kRsdp).type = MemoryType::reserved; }}},
    {"map-acpi-reserved", MapMistake{[](Map& m) { range_at(m, layout::kAcpiTables).type = MemoryType::reserved; }}},
    {"map-acpi-ram", MapMistake{[](Map& m) { range_at(m, layout::kAcpiTables).type = MemoryType::ram; }}},
    {"map-page-more", MapMistake{[](Map& m) { m.front().size += kPageSize; }}},
    {"map-page-less", MapMistake{[](Map& m) { m.front().size -= kPageSize; }}},
    {"ram-first-page", RamMistake{[](Extents& e) { e.front() = {.first = Gfn{1}, .order = 0}; for (std::uint64_t i = 2; i < 512; ++i) e.push_back({.first = Gfn{i}, .order = 0}); }}},
    {"ram-last-page", RamMistake{no_last_page}},
    {"ram-extent", RamMistake{[](Extents& e) { e.erase(e.begin() + 3); }}},

    {"rsdp-sum", LoadMistake{in_rsdp<offsetof(abi::Rsdp, checksum)>}},
    {"rsdp-extended-sum", LoadMistake{in_rsdp<offsetof(abi::Rsdp, extended_checksum)>}},
    {"xsdt-sum", LoadMistake{xsdt_sum}},
    {"rsdt-sum", LoadMistake{rsdt_sum}},
    {"madt-sum", LoadMistake{madt_sum}},
    {"madt-ids", LoadMistake{madt_ids}},
    {"madt-disabled", LoadMistake{madt_entry_disabled}},
    {"fadt-dsdt", LoadMistake{fadt_dsdt}},
    {"facs-signature", LoadMistake{facs_signature}},
    {"dsdt-byte", LoadMistake{dsdt_byte}},
    {"srat-apic", LoadMistake{srat_apic}},
    {"srat-memory", LoadMistake{srat_memory}},
    {"slit-diagonal", LoadMistake{slit_diagonal}},

    {"stale-console", LoadMistake{stale_console}},
    {"stale-store", LoadMistake{stale_store}},
    {"no-store-pfn", ParamMistake{HvmParam::store_pfn, {}}},
    {"store-pfn", ParamMistake{HvmParam::store_pfn, layout::kIoreq.value()}},
    {"no-store-evtchn", ParamMistake{HvmParam::store_evtchn, {}}},
    {"no-console-pfn", ParamMistake{HvmParam::console_pfn, {}}},
    {"console-pfn", ParamMistake{HvmParam::console_pfn, layout::kIoreq.value()}},
    {"no-console-evtchn", ParamMistake{HvmParam::console_evtchn, {}}},
    {"console-port-remote", PortMistake{kNobody}},

    {"no-console-grant", GrantMistake{no_console_grant}},
    {"console-grant-frame", GrantMistake{[](Grants& g) { console_grant(g).gfn = layout::kIoreq; }}},
    {"console-grant-domid", GrantMistake{[](Grants& g) { console_grant(g).backend = kNobody; }}},
    {"store-grant-frame", GrantMistake{nullptr, xen::SeededGrant{kStoreGrant, layout::kIoreq, kDom0}}},
    {"store-grant-domid", GrantMistake{nullptr, xen::SeededGrant{kStoreGrant, layout::kStoreRing, kNobody}}},

    {"domid", NodeMistake{"domid", "4321"}},
    {"memory-target", NodeMistake{"memory/target", "16388"}},
    {"no-memory-target", NodeMistake{"memory/target", {}}},
    {"availability", NodeMistake{"cpu/1/availability", "offline"}},
    {"store-port", NodeMistake{"store/port", "99"}},
    {"console-ring-ref", NodeMistake{"console/ring-ref", "99"}},
    {"name-hidden", AccessMistake{"name", [](DomId) { return device::private_to_dom0(); }}},
    {"name-writable", AccessMistake{"name", device::owned_by}},
    {"backend-writable", AccessMistake{"/local/domain/0/backend/console/N/0/state", device::owned_by}},
    {"record-writable", AccessMistake{"/libxl/N/type", device::owned_by}},
    {"data-not-writable", AccessMistake{"data", device::readable_by}},
};
// clang-format on

} // namespace

const Mutation& find_mutation(std::string_view name) {
    const auto* const found = std::find_if(std::begin(kMutations), std::end(kMutations),
                                           [&](const Mutation& m) { return m.name == name; });
    if (found == std::end(kMutations))
        throw Error{Errc::internal, fmt::format("there is no mutation \"{}\"", name)};
    return *found;
}

} // namespace pvh::mutant
