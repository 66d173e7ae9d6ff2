// SPDX-License-Identifier: LGPL-2.1-or-later
// Kernels made of values, for the plan's tests.
#pragma once

#include "libdomain/boot/build_plan.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pvh::boot::test {

struct FakeSegment {
    std::uint64_t address{};
    std::uint64_t memory_size{};
    std::string data;
};

/// As image::parse_kernel would return it: segments ascending, entry at the first one's address.
inline std::shared_ptr<const image::KernelImage>
fake_kernel(const std::vector<FakeSegment>& segments, std::uint32_t features = 0x8801) {
    auto kernel = std::make_shared<image::KernelImage>();
    for (const FakeSegment& segment : segments)
        for (const char c : segment.data)
            kernel->elf.push_back(static_cast<std::byte>(c));
    std::uint64_t offset = 0;
    for (const FakeSegment& segment : segments) {
        kernel->segments.push_back(
            {.address = GuestAddr{segment.address},
             .memory_size = segment.memory_size,
             .data = *BytesView{kernel->elf}.sub(offset, segment.data.size())});
        offset += segment.data.size();
    }
    kernel->begin = kernel->entry = kernel->segments.front().address;
    kernel->end = kernel->segments.back().address + kernel->segments.back().memory_size;
    kernel->supported_features = features;
    return kernel;
}

/// Debian 6.1's shape: text, data and bss from 16 MiB to 74 MiB.
inline std::shared_ptr<const image::KernelImage> linux_like() {
    return fake_kernel({{0x1000000, 0x2000000, "text"}, {0x3000000, 0x1a00000, "data"}});
}

inline std::shared_ptr<const Bytes> ramdisk_of(std::size_t size) {
    return std::make_shared<const Bytes>(size, std::byte{0x5a});
}

inline DomainSpec spec_of(std::uint64_t memory_mib, std::uint64_t max_memory_mib = 0) {
    DomainSpec spec;
    spec.name = "test";
    spec.kernel = "/kernel";
    spec.uuid = Uuid{.bytes = {1, 2, 3}};
    spec.cmdline = "console=hvc0";
    spec.memory_mib = memory_mib;
    spec.max_memory_mib = max_memory_mib == 0 ? memory_mib : max_memory_mib;
    spec.vcpus = spec.max_vcpus = 2;
    return spec;
}

/// The load of that name; the first if there are several.
inline const Load* find_load(const BuildPlan& plan, std::string_view what) {
    for (const Load& load : plan.loads)
        if (load.what == what) return &load;
    return nullptr;
}

} // namespace pvh::boot::test
