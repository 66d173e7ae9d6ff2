// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/cpu_policy.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace pvh::boot {

namespace {

enum class Vendor { intel, amd, other };

// Centaur and Shanghai CPUs have Intel's leaves, yet libxenguest leaves their leaf 4 alone; so do
// we.
constexpr std::array<std::pair<std::string_view, Vendor>, 3> kVendors{{
    {"GenuineIntel", Vendor::intel},
    {"AuthenticAMD", Vendor::amd},
    {"HygonGenuine", Vendor::amd},
}};

Vendor vendor_of(std::span<const CpuidLeaf> leaves) {
    const auto found = std::find_if(leaves.begin(), leaves.end(),
                                    [](const CpuidLeaf& leaf) { return leaf.leaf == 0; });
    if (found == leaves.end()) return Vendor::other;
    const std::array<std::uint32_t, 3> words{found->b, found->d, found->c};
    std::array<char, sizeof(words)> name{};
    std::memcpy(name.data(), words.data(), name.size());
    const auto* row = std::find_if(kVendors.begin(), kVendors.end(), [&](const auto& vendor) {
        return vendor.first == std::string_view{name.data(), name.size()};
    });
    return row == kVendors.end() ? Vendor::other : row->second;
}

constexpr std::uint32_t bit(unsigned n) {
    return 1U << n;
}

std::uint32_t field(std::uint32_t word, unsigned low, std::uint32_t mask) {
    return (word >> low) & mask;
}

std::uint32_t with_field(std::uint32_t word, unsigned low, std::uint32_t mask,
                         std::uint32_t value) {
    return (word & ~(mask << low)) | ((value & mask) << low);
}

/// Leaf 1: HTT and PAE on, VMX as asked; as many logical processors per package as APIC ids.
void edit_basic(CpuidLeaf& leaf, bool has_nested_hvm) {
    constexpr unsigned kVmx = 5;
    constexpr unsigned kPae = 6;
    constexpr unsigned kHtt = 28;
    leaf.c = with_field(leaf.c, kVmx, 1, has_nested_hvm ? 1 : 0);
    leaf.d |= bit(kPae) | bit(kHtt);
    const std::uint32_t processors = field(leaf.b, 16, 0xff);
    if (processors == 0)
        leaf.b = with_field(leaf.b, 16, 0xff, 2);
    else if (processors < 0x80) // else doubling would overflow
        leaf.b = with_field(leaf.b, 16, 0xff, processors * 2);
}

/// Leaf 4 of Intel, one per cache: twice the core ids per package, no cache shared by threads.
void edit_cache(CpuidLeaf& leaf) {
    const std::uint32_t cores = field(leaf.a, 26, 0x3f);
    leaf.a = with_field(leaf.a, 26, 0x3f, cores << 1 | 1);
    leaf.a = with_field(leaf.a, 14, 0xfff, 0);
}

void edit_extended_features(CpuidLeaf& leaf, bool has_nested_hvm) {
    constexpr unsigned kCmpLegacy = 1;
    constexpr unsigned kSvm = 2;
    leaf.c &= ~bit(kCmpLegacy);
    leaf.c = with_field(leaf.c, kSvm, 1, has_nested_hvm ? 1 : 0);
}

void edit_power_management(CpuidLeaf& leaf, bool has_invariant_tsc) {
    constexpr unsigned kItsc = 8;
    leaf.d = with_field(leaf.d, kItsc, 1, has_invariant_tsc ? 1 : 0);
}

/// Leaf 0x80000008 of AMD: twice the cores, and an APIC id one bit longer where its length is
/// given; 7 bits at most, for guests that stumble over more.
void edit_amd_sizes(CpuidLeaf& leaf) {
    const std::uint32_t cores = field(leaf.c, 0, 0xff); // minus one
    if (cores >= 0x7f) return;                          // would go out of step with leaf 1
    const std::uint32_t id_size = field(leaf.c, 12, 0xf);
    if (id_size != 0 && id_size < 7) leaf.c = with_field(leaf.c, 12, 0xf, id_size + 1);
    leaf.c = with_field(leaf.c, 0, 0xff, cores << 1 | 1);
}

/// Caches end at the first one of type 0.
bool is_past_last_cache(std::span<const CpuidLeaf> leaves, const CpuidLeaf& leaf) {
    return std::any_of(leaves.begin(), leaves.end(), [&](const CpuidLeaf& other) {
        return other.leaf == 4 && other.subleaf <= leaf.subleaf && (other.a & 0x1f) == 0;
    });
}

CpuidLeaf edited(CpuidLeaf leaf, Vendor vendor, std::span<const CpuidLeaf> all,
                 const CpuFeatures& features) {
    switch (leaf.leaf) {
    case 1:
        edit_basic(leaf, features.has_nested_hvm);
        break;
    case 4:
        if (vendor == Vendor::intel && !is_past_last_cache(all, leaf)) edit_cache(leaf);
        break;
    case 0x80000001:
        edit_extended_features(leaf, features.has_nested_hvm);
        break;
    case 0x80000007:
        edit_power_management(leaf, features.has_invariant_tsc);
        break;
    case 0x80000008:
        if (vendor == Vendor::amd) edit_amd_sizes(leaf);
        break;
    default:
        break;
    }
    return leaf;
}

} // namespace

std::vector<CpuidLeaf> edit_cpu_policy(std::span<const CpuidLeaf> defaults,
                                       const CpuFeatures& features) {
    const Vendor vendor = vendor_of(defaults);
    std::vector<CpuidLeaf> changed;
    for (const CpuidLeaf& leaf : defaults) {
        const CpuidLeaf after = edited(leaf, vendor, defaults, features);
        if (after != leaf) changed.push_back(after);
    }
    return changed;
}

} // namespace pvh::boot
