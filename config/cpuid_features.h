// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts of CPUID that have a name in the host form of cpuid=.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pvh::config {

enum class CpuidRegister : std::uint8_t { eax, ebx, ecx, edx };

inline constexpr std::uint32_t kNoSubleaf = 0xffffffff;

struct CpuidField {
    std::string_view name;
    std::uint32_t leaf{};
    std::uint32_t subleaf{}; // kNoSubleaf: the leaf has none
    CpuidRegister reg{};
    unsigned bit{};   // the lowest
    unsigned width{}; // in bits
};

/// Ascending by name.
std::span<const CpuidField> cpuid_fields();

/// nullptr if nothing has that name.
const CpuidField* find_cpuid_field(std::string_view name);

} // namespace pvh::config
