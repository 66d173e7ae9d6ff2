// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/acpi.h"

#include "libdomain/boot/acpi_abi.h"
#include "libdomain/boot/compose.h"
#include "libdomain/boot/dsdt.h"
#include "libdomain/boot/layout.h"
#include "libdomain/core/error.h"

#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace pvh::boot {

namespace {

constexpr std::array<char, 6> kOemId{'X', 'e', 'n'};

/// Length and checksum are put in by place_table, once the table is whole.
constexpr abi::AcpiHeader header(abi::Signature signature, std::uint8_t revision) {
    return {.signature = signature,
            .length = 0,
            .revision = revision,
            .checksum = 0,
            .oem_id = kOemId,
            .oem_table_id = {'H', 'V', 'M'},
            .oem_revision = 0,
            .creator_id = {'H', 'V', 'M', 'L'},
            .creator_revision = 0};
}

/// The byte that makes `bytes`, in which it is still 0, add up to 0.
std::uint8_t checksum(std::span<const std::byte> bytes) {
    const auto add = [](unsigned sum, std::byte b) { return sum + std::to_integer<unsigned>(b); };
    return static_cast<std::uint8_t>(-std::accumulate(bytes.begin(), bytes.end(), 0U, add));
}

/// Appends a table at a multiple of `alignment`; returns its guest address.
GuestAddr place_bytes(Bytes& tables, const Bytes& table, std::uint64_t alignment) {
    align_to(tables, alignment);
    return layout::kAcpiTables + append_bytes(tables, table);
}

/// As above, for a table with a header: gives it length and checksum.
GuestAddr place_table(Bytes& tables, Bytes table) {
    put(table, offsetof(abi::AcpiHeader, length), static_cast<std::uint32_t>(table.size()));
    put(table, offsetof(abi::AcpiHeader, checksum), std::uint8_t{0});
    put(table, offsetof(abi::AcpiHeader, checksum), checksum(table));
    return place_bytes(tables, table, 16);
}

std::uint32_t low32(GuestAddr address) {
    return static_cast<std::uint32_t>(address.value());
}

Bytes facs() {
    Bytes table;
    append(table,
           abi::Facs{.signature = {'F', 'A', 'C', 'S'}, .length = sizeof(abi::Facs), .version = 1});
    return table;
}

// Registers as xl names them. Nothing emulates these ports for PVH; Linux logs them and reads all
// ones. [tools/libacpi/static_tables.c; xen/include/public/hvm/ioreq.h ACPI_*_ADDRESS_V1]
constexpr std::uint16_t kPm1aEvent = 0xb000;
constexpr std::uint16_t kPm1aControl = 0xb004;
constexpr std::uint16_t kGpe0 = 0xafe0;
constexpr std::uint16_t kResetRegister = 0xcf9;

constexpr abi::GenericAddress io_port(std::uint16_t port, std::uint8_t bits) {
    return {.space_id = 1, .bit_width = bits, .bit_offset = 0, .access_size = 0, .address = port};
}

// WBINVD, PROC_C1, PWR_BUTTON and SLP_BUTTON (as control methods: there are none), FIX_RTC (none),
// TMR_VAL_EXT, USE_PLATFORM_CLOCK.   [ACPI 6.5 table 5.10]
constexpr std::uint32_t kFadtFlags =
    1U << 0 | 1U << 2 | 1U << 4 | 1U << 5 | 1U << 6 | 1U << 8 | 1U << 15;
// No VGA, no CMOS RTC, and bit 1 clear: no 8042 that Linux would probe.   [ACPI 6.5 table 5.11]
constexpr std::uint16_t kBootArchitecture = 1U << 2 | 1U << 5;
static_assert(kFadtFlags == 0x8175 && kBootArchitecture == 0x24);

Bytes fadt(GuestAddr facs, GuestAddr dsdt) {
    Bytes table;
    append(table, abi::Fadt{
                      .header = header({'F', 'A', 'C', 'P'}, 5),
                      .firmware_ctrl = low32(facs),
                      .dsdt = low32(dsdt),
                      .sci_int = 9,
                      .pm1a_evt_blk = kPm1aEvent,
                      .pm1a_cnt_blk = kPm1aControl,
                      .gpe0_blk = kGpe0,
                      .pm1_evt_len = 4,
                      .pm1_cnt_len = 2,
                      .gpe0_blk_len = 4,
                      .p_lvl2_lat = 0xfff, // above 100: no C2
                      .p_lvl3_lat = 0xfff, // above 1000: no C3
                      .iapc_boot_arch = kBootArchitecture,
                      .flags = kFadtFlags,
                      .reset_reg = io_port(kResetRegister, 8), // flag RESET_REG_SUP is clear
                      .reset_value = 6,
                      .x_firmware_ctrl = facs.value(),
                      .x_dsdt = dsdt.value(),
                      .x_pm1a_evt_blk = io_port(kPm1aEvent, 32),
                      .x_pm1a_cnt_blk = io_port(kPm1aControl, 16),
                  });
    return table;
}

/// One local APIC per vCPU. No I/O APIC: PVH has none, and a guest that reads of one pokes at
/// memory that is not there.
Bytes madt(unsigned online, unsigned max_vcpus, const ApWakeup* wakeup) {
    Bytes table;
    append(table, abi::Madt{.header = header({'A', 'P', 'I', 'C'}, 2),
                            .lapic_address = low32(layout::kLocalApic),
                            .flags = 1}); // PCAT_COMPAT, as xl
    for (unsigned vcpu = 0; vcpu < max_vcpus; ++vcpu)
        append(table, abi::MadtLapic{.type = 0,
                                     .length = sizeof(abi::MadtLapic),
                                     .processor_id = static_cast<std::uint8_t>(vcpu),
                                     .apic_id = static_cast<std::uint8_t>(apic_id_of(vcpu)),
                                     .flags = vcpu < online ? 1U : 0U});
    if (wakeup != nullptr)
        append(table, abi::MadtWakeup{.type = 0x10,
                                      .length = sizeof(abi::MadtWakeup),
                                      .version = 1,
                                      .mailbox = wakeup->mailbox.value(),
                                      .reset_vector = wakeup->reset_vector.value()});
    return table;
}

/// Which vCPUs and which memory each node has.
Bytes srat(const VirtualNuma& numa) {
    Bytes table;
    append(table, abi::Srat{.header = header({'S', 'R', 'A', 'T'}, 1), .table_revision = 1});
    for (unsigned vcpu = 0; vcpu < numa.vcpus.size(); ++vcpu)
        append(table, abi::SratProcessor{.type = 0,
                                         .length = sizeof(abi::SratProcessor),
                                         .domain_low = static_cast<std::uint8_t>(numa.vcpus[vcpu]),
                                         .apic_id = static_cast<std::uint8_t>(apic_id_of(vcpu)),
                                         .flags = 1});
    for (const NodeMemory& part : numa.memory)
        append(table, abi::SratMemory{.type = 1,
                                      .length = sizeof(abi::SratMemory),
                                      .domain = part.node,
                                      .address = part.address.value(),
                                      .size = part.size,
                                      .flags = 1});
    return table;
}

/// How far it is from each node to each.
Bytes slit(const VirtualNuma& numa) {
    Bytes table;
    append(table,
           abi::Slit{.header = header({'S', 'L', 'I', 'T'}, 1), .localities = numa.pnodes.size()});
    for (const unsigned distance : numa.distances)
        append(table, static_cast<std::uint8_t>(distance));
    return table;
}

Bytes xsdt(std::span<const GuestAddr> tables) {
    Bytes table;
    append(table, header({'X', 'S', 'D', 'T'}, 1));
    for (const GuestAddr address : tables)
        append(table, address.value());
    return table;
}

/// For guests that know ACPI 1.0 only. It lists what the XSDT lists; xl's has a FADT of revision 1
/// for Windows 2000.
Bytes rsdt(std::span<const GuestAddr> tables) {
    Bytes table;
    append(table, header({'R', 'S', 'D', 'T'}, 1));
    for (const GuestAddr address : tables)
        append(table, low32(address));
    return table;
}

Bytes rsdp(GuestAddr rsdt, GuestAddr xsdt) {
    constexpr std::size_t kAcpi1Size = 20; // what the first checksum covers
    Bytes table;
    append(table, abi::Rsdp{.signature = {'R', 'S', 'D', ' ', 'P', 'T', 'R', ' '},
                            .oem_id = kOemId,
                            .revision = 2,
                            .rsdt_address = low32(rsdt),
                            .length = sizeof(abi::Rsdp),
                            .xsdt_address = xsdt.value()});
    put(table, offsetof(abi::Rsdp, checksum), checksum(std::span{table}.first(kAcpi1Size)));
    put(table, offsetof(abi::Rsdp, extended_checksum), checksum(table));
    return table;
}

void require_room(const Bytes& tables) {
    const std::uint64_t room = layout::kAcpiTablePages.value() * kPageSize;
    if (tables.size() > room)
        throw Error{Errc::internal,
                    fmt::format("ACPI tables of {} bytes in room for {}", tables.size(), room)};
}

} // namespace

AcpiTables compose_acpi(unsigned online, unsigned max_vcpus, const VirtualNuma* numa,
                        const ApWakeup* wakeup) {
    AcpiTables acpi;
    const GuestAddr facs_at = place_bytes(acpi.tables, facs(), 64);
    const GuestAddr dsdt_at = place_table(acpi.tables, compose_dsdt(online));
    std::vector listed{place_table(acpi.tables, fadt(facs_at, dsdt_at)),
                       place_table(acpi.tables, madt(online, max_vcpus, wakeup))};
    if (numa != nullptr) {
        listed.push_back(place_table(acpi.tables, srat(*numa)));
        listed.push_back(place_table(acpi.tables, slit(*numa)));
    }
    const GuestAddr xsdt_at = place_table(acpi.tables, xsdt(listed));
    const GuestAddr rsdt_at = place_table(acpi.tables, rsdt(listed));
    require_room(acpi.tables);
    acpi.rsdp = rsdp(rsdt_at, xsdt_at);
    return acpi;
}

} // namespace pvh::boot
