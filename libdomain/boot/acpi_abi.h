// SPDX-License-Identifier: LGPL-2.1-or-later
// The ACPI tables of a PVH domain as structs. Packed: ACPI knows no alignment of fields.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pvh::boot::abi {

using Signature = std::array<char, 4>;

#pragma pack(push, 1)

struct AcpiHeader { // [ACPI 6.5 section 5.2.6]
    Signature signature{};
    std::uint32_t length{};
    std::uint8_t revision{};
    std::uint8_t checksum{}; // makes all bytes of the table add up to 0
    std::array<char, 6> oem_id{};
    std::array<char, 8> oem_table_id{};
    std::uint32_t oem_revision{};
    std::array<char, 4> creator_id{};
    std::uint32_t creator_revision{};
};

struct Rsdp { // [ACPI 6.5 section 5.2.5.3]
    std::array<char, 8> signature{};
    std::uint8_t checksum{}; // of the first 20 bytes
    std::array<char, 6> oem_id{};
    std::uint8_t revision{};
    std::uint32_t rsdt_address{};
    std::uint32_t length{};
    std::uint64_t xsdt_address{};
    std::uint8_t extended_checksum{}; // of all
    std::array<std::uint8_t, 3> reserved{};
};

struct GenericAddress {      // [ACPI 6.5 section 5.2.3.2]
    std::uint8_t space_id{}; // 1: I/O ports
    std::uint8_t bit_width{};
    std::uint8_t bit_offset{};
    std::uint8_t access_size{};
    std::uint64_t address{};
};

struct Facs { // [ACPI 6.5 section 5.2.10]; has neither header nor checksum
    Signature signature{};
    std::uint32_t length{};
    std::uint32_t hardware_signature{};
    std::uint32_t firmware_waking_vector{};
    std::uint32_t global_lock{};
    std::uint32_t flags{};
    std::uint64_t x_firmware_waking_vector{};
    std::uint8_t version{};
    std::array<std::uint8_t, 31> reserved{};
};

struct Fadt { // [ACPI 5.0 section 5.2.9]: revision 5
    AcpiHeader header{};
    std::uint32_t firmware_ctrl{}; // FACS
    std::uint32_t dsdt{};
    std::uint8_t reserved0{};
    std::uint8_t preferred_pm_profile{};
    std::uint16_t sci_int{};
    std::uint32_t smi_cmd{};
    std::uint8_t acpi_enable{};
    std::uint8_t acpi_disable{};
    std::uint8_t s4bios_req{};
    std::uint8_t pstate_cnt{};
    std::uint32_t pm1a_evt_blk{};
    std::uint32_t pm1b_evt_blk{};
    std::uint32_t pm1a_cnt_blk{};
    std::uint32_t pm1b_cnt_blk{};
    std::uint32_t pm2_cnt_blk{};
    std::uint32_t pm_tmr_blk{};
    std::uint32_t gpe0_blk{};
    std::uint32_t gpe1_blk{};
    std::uint8_t pm1_evt_len{};
    std::uint8_t pm1_cnt_len{};
    std::uint8_t pm2_cnt_len{};
    std::uint8_t pm_tmr_len{};
    std::uint8_t gpe0_blk_len{};
    std::uint8_t gpe1_blk_len{};
    std::uint8_t gpe1_base{};
    std::uint8_t cst_cnt{};
    std::uint16_t p_lvl2_lat{};
    std::uint16_t p_lvl3_lat{};
    std::uint16_t flush_size{};
    std::uint16_t flush_stride{};
    std::uint8_t duty_offset{};
    std::uint8_t duty_width{};
    std::uint8_t day_alrm{};
    std::uint8_t mon_alrm{};
    std::uint8_t century{};
    std::uint16_t iapc_boot_arch{};
    std::uint8_t reserved1{};
    std::uint32_t flags{};
    GenericAddress reset_reg{};
    std::uint8_t reset_value{};
    std::array<std::uint8_t, 3> reserved2{};
    std::uint64_t x_firmware_ctrl{};
    std::uint64_t x_dsdt{};
    GenericAddress x_pm1a_evt_blk{};
    GenericAddress x_pm1b_evt_blk{};
    GenericAddress x_pm1a_cnt_blk{};
    GenericAddress x_pm1b_cnt_blk{};
    GenericAddress x_pm2_cnt_blk{};
    GenericAddress x_pm_tmr_blk{};
    GenericAddress x_gpe0_blk{};
    GenericAddress x_gpe1_blk{};
    GenericAddress sleep_control{};
    GenericAddress sleep_status{};
};

struct Madt { // [ACPI 6.5 section 5.2.12]; entries follow
    AcpiHeader header{};
    std::uint32_t lapic_address{};
    std::uint32_t flags{}; // bit 0: PCAT_COMPAT
};

struct MadtLapic {         // [ACPI 6.5 section 5.2.12.2]
    std::uint8_t type{};   // 0
    std::uint8_t length{}; // 8
    std::uint8_t processor_id{};
    std::uint8_t apic_id{};
    std::uint32_t flags{}; // bit 0: enabled
};

struct MadtWakeup {          // [ACPI 6.6 section 5.2.12.19]
    std::uint8_t type{};     // 0x10
    std::uint8_t length{};   // 24; 16 before version 1
    std::uint16_t version{}; // of the mailbox
    std::uint32_t reserved{};
    std::uint64_t mailbox{};
    std::uint64_t reset_vector{};
};

struct Srat { // [ACPI 6.5 section 5.2.16]; entries follow
    AcpiHeader header{};
    std::uint32_t table_revision{};
    std::array<std::uint8_t, 8> reserved{};
};

struct SratProcessor {         // [ACPI 6.5 section 5.2.16.1]
    std::uint8_t type{};       // 0
    std::uint8_t length{};     // 16
    std::uint8_t domain_low{}; // bits 0 to 7
    std::uint8_t apic_id{};
    std::uint32_t flags{}; // bit 0: enabled
    std::uint8_t local_sapic_eid{};
    std::array<std::uint8_t, 3> domain_high{};
    std::uint32_t clock_domain{};
};

struct SratMemory {        // [ACPI 6.5 section 5.2.16.2]
    std::uint8_t type{};   // 1
    std::uint8_t length{}; // 40
    std::uint32_t domain{};
    std::uint16_t reserved0{};
    std::uint64_t address{};
    std::uint64_t size{};
    std::uint32_t reserved1{};
    std::uint32_t flags{}; // bit 0: enabled
    std::uint64_t reserved2{};
};

struct Slit { // [ACPI 6.5 section 5.2.17]; a byte for each pair of localities follows
    AcpiHeader header{};
    std::uint64_t localities{};
};

#pragma pack(pop)

static_assert(sizeof(AcpiHeader) == 36 && offsetof(AcpiHeader, checksum) == 9);
static_assert(sizeof(Rsdp) == 36 && offsetof(Rsdp, extended_checksum) == 32);
static_assert(sizeof(GenericAddress) == 12);
static_assert(sizeof(Facs) == 64 && offsetof(Facs, version) == 32);
static_assert(sizeof(Fadt) == 268 && offsetof(Fadt, flags) == 112 && offsetof(Fadt, x_dsdt) == 140);
static_assert(sizeof(Madt) == 44 && sizeof(MadtLapic) == 8 && sizeof(MadtWakeup) == 24);
static_assert(sizeof(Srat) == 48 && sizeof(SratProcessor) == 16 && sizeof(SratMemory) == 40);
static_assert(sizeof(Slit) == 44);

} // namespace pvh::boot::abi
