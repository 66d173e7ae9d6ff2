// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/mutant/hvm_context.h"

#include "libdomain/core/error.h"
#include "libdomain/xen/xen_headers.h"

#include <cstring>

namespace pvh::mutant {

namespace {

template <class T> void put(hvm_hw_lapic_regs& registers, std::size_t offset, T value) {
    std::memcpy(registers.data + offset, &value, sizeof(value));
}

} // namespace

/// Before the last record, which ends the stream and is a descriptor alone.
template <class Record>
void HvmContext::add(std::uint16_t type, std::uint16_t vcpu, const Record& record) {
    const hvm_save_descriptor descriptor{
        .typecode = type, .instance = vcpu, .length = sizeof(record)};
    std::vector<std::uint8_t> added(sizeof(descriptor) + sizeof(record));
    std::memcpy(added.data(), &descriptor, sizeof(descriptor));
    std::memcpy(added.data() + sizeof(descriptor), &record, sizeof(record));
    bytes_.insert(bytes_.end() - sizeof(descriptor), added.begin(), added.end());
}

void HvmContext::copy_boot_vcpu(std::uint16_t vcpu, std::uint64_t rip) {
    hvm_save_descriptor descriptor{};
    for (std::size_t at = 0; at + sizeof(descriptor) <= bytes_.size();
         at += sizeof(descriptor) + descriptor.length) {
        std::memcpy(&descriptor, &bytes_[at], sizeof(descriptor));
        if (descriptor.typecode != HVM_SAVE_CODE(CPU) || descriptor.instance != 0) continue;
        hvm_hw_cpu cpu{};
        std::memcpy(&cpu, &bytes_[at + sizeof(descriptor)], sizeof(cpu));
        cpu.rip = rip;
        return add(HVM_SAVE_CODE(CPU), vcpu, cpu);
    }
    throw Error{Errc::internal, "mutation without a record of vCPU 0"};
}

void HvmContext::add_apic_base(std::uint16_t vcpu, std::uint64_t base) {
    constexpr std::uint64_t kEnabled = 1U << 11;
    hvm_hw_lapic apic{};
    apic.apic_base_msr = base;
    apic.disabled = (base & kEnabled) != 0 ? 0 : 1;
    add(HVM_SAVE_CODE(LAPIC), vcpu, apic);
}

// [Intel SDM volume 3A, table 11-1 and section 11.4.7]
void HvmContext::add_apic(std::uint16_t vcpu, std::uint32_t id, std::uint32_t version) {
    constexpr std::uint32_t kMasked = 1U << 16;
    hvm_hw_lapic_regs registers{};
    put(registers, 0x20, id << 24);
    put(registers, 0x30, version);
    put(registers, 0xe0, ~0U);   // destination format: flat
    put(registers, 0xf0, 0xffU); // spurious vector, disabled
    for (std::size_t lvt = 0x320; lvt <= 0x370; lvt += 0x10)
        put(registers, lvt, kMasked);
    add(HVM_SAVE_CODE(LAPIC_REGS), vcpu, registers);
}

} // namespace pvh::mutant
