// SPDX-License-Identifier: LGPL-2.1-or-later
// The stream of records that sets vCPUs up, for mutations to add to.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pvh::mutant {

class HvmContext {
  public:
    explicit HvmContext(std::span<const std::uint8_t> stream)
        : bytes_{stream.begin(), stream.end()} {}

    /// A further vCPU in the state of vCPU 0, but for where it begins.
    void copy_boot_vcpu(std::uint16_t vcpu, std::uint64_t rip);
    /// A local APIC's base register.   [Intel SDM volume 3A, section 11.4.4]
    void add_apic_base(std::uint16_t vcpu, std::uint64_t base);
    /// A local APIC after reset, but for its id and its version.
    void add_apic(std::uint16_t vcpu, std::uint32_t id, std::uint32_t version);

    [[nodiscard]] std::vector<std::uint8_t>& bytes() { return bytes_; }

  private:
    template <class Record> void add(std::uint16_t type, std::uint16_t vcpu, const Record& record);

    std::vector<std::uint8_t> bytes_;
};

} // namespace pvh::mutant
