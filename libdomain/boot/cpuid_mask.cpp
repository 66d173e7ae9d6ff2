// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/cpuid_mask.h"

#include "libdomain/core/error.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace pvh::boot {

namespace {

constexpr std::uint32_t kNoSubleaf = 0xffffffff; // XEN_CPUID_NO_SUBLEAF

template <class Leaves> auto find_leaf(Leaves& leaves, const CpuidMask& mask) {
    return std::find_if(leaves.begin(), leaves.end(), [&](const CpuidLeaf& leaf) {
        return leaf.leaf == mask.leaf && leaf.subleaf == mask.subleaf.value_or(kNoSubleaf);
    });
}

const CpuidLeaf& require_leaf(std::span<const CpuidLeaf> leaves, const CpuidMask& mask) {
    const auto found = find_leaf(leaves, mask);
    if (found != leaves.end()) return *found;
    const std::string name = mask.subleaf
                                 ? fmt::format("{:#x} subleaf {}", mask.leaf, *mask.subleaf)
                                 : fmt::format("{:#x}", mask.leaf);
    throw Error{Errc::invalid_config, fmt::format("cpuid: this host has no leaf {}", name)}
        .with_hint(
            mask.subleaf
                ? "some leaves have no subleaves: leave it out"
                : "leaves 4, 7, 0xb, 0xd and others have subleaves: name one, as in 7,0:ebx=...");
}

std::uint32_t masked(std::uint32_t value, const std::string& mask, std::uint32_t standard,
                     std::uint32_t host) {
    for (std::size_t i = 0; i < mask.size(); ++i) {
        const std::uint32_t bit = 0x80000000U >> i;
        const char policy = mask[i];
        const bool is_set = policy == '1' || (policy == 'x' && (standard & bit) != 0) ||
                            ((policy == 'k' || policy == 's') && (host & bit) != 0);
        value = is_set ? value | bit : value & ~bit;
    }
    return value;
}

} // namespace

std::vector<CpuidLeaf> apply_cpuid_masks(std::vector<CpuidLeaf> changed,
                                         std::span<const CpuidMask> masks,
                                         std::span<const CpuidLeaf> defaults,
                                         std::span<const CpuidLeaf> host) {
    for (const CpuidMask& mask : masks) {
        const CpuidLeaf& standard = require_leaf(defaults, mask);
        const CpuidLeaf& own = require_leaf(host, mask);
        auto leaf = find_leaf(changed, mask);
        if (leaf == changed.end()) leaf = changed.insert(changed.end(), standard);
        leaf->a = masked(leaf->a, mask.eax, standard.a, own.a);
        leaf->b = masked(leaf->b, mask.ebx, standard.b, own.b);
        leaf->c = masked(leaf->c, mask.ecx, standard.c, own.c);
        leaf->d = masked(leaf->d, mask.edx, standard.d, own.d);
    }
    return changed;
}

} // namespace pvh::boot
