// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/small_plan.h"

namespace pvh::test {

DomainSpec small_spec() {
    DomainSpec spec;
    spec.name = "tiny";
    spec.uuid = parse_uuid("01234567-89ab-4def-8123-456789abcdef");
    spec.kernel = "/boot/tiny";
    spec.cmdline = "hello=world";
    spec.memory_mib = spec.max_memory_mib = 4;
    spec.vcpus = spec.max_vcpus = 2;
    return spec;
}

std::shared_ptr<const image::KernelImage> small_kernel() {
    image::KernelImage kernel;
    kernel.elf = Bytes(64, std::byte{0xf4});
    kernel.begin = GuestAddr{kMiB};
    kernel.end = GuestAddr{kMiB + kPageSize};
    kernel.entry = kernel.begin;
    kernel.format = "made by a test";
    kernel.supported_features = 1U << 15;
    kernel.segments.push_back(
        {.address = kernel.begin, .memory_size = kPageSize, .data = BytesView{kernel.elf}});
    return std::make_shared<const image::KernelImage>(std::move(kernel));
}

boot::BuildPlan plan_of(const DomainSpec& spec) {
    const std::vector<CpuidLeaf> policy{
        {.leaf = 1, .subleaf = ~0U, .a = 0x00100f43, .b = 0, .c = 0x80002001, .d = 0x078bfbff}};
    return boot::plan_build(spec, small_kernel(), nullptr,
                            {.default_cpu_policy = policy,
                             .host_cpu_policy = policy,
                             .cpu_nodes = {0, 0},
                             .nodes = 2,
                             .has_grant_v2 = true});
}

boot::BuildPlan small_plan() {
    return plan_of(small_spec());
}

} // namespace pvh::test
