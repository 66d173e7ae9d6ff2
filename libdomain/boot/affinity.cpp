// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/affinity.h"

#include <algorithm>

#include <fmt/format.h>

namespace pvh::boot {

namespace {

std::optional<CpuMask> mask_of(std::string_view key, const std::vector<CpuList>& lists,
                               unsigned vcpu, const CpuNodes& host) {
    if (vcpu >= lists.size() || lists[vcpu].empty()) return std::nullopt;
    return resolve_cpus(lists[vcpu], fmt::format("{} of vCPU {}", key, vcpu), host);
}

/// The CPUs of the host's node that its virtual node is on; nothing if there are none, or no vnuma.
std::optional<CpuMask> near_its_memory(const DomainSpec& spec, unsigned vcpu,
                                       const CpuNodes& host) {
    for (const VirtualNode& node : spec.virtual_nodes) {
        if (std::find(node.vcpus.begin(), node.vcpus.end(), vcpu) == node.vcpus.end()) continue;
        CpuMask mask(host.size());
        std::transform(host.begin(), host.end(), mask.begin(),
                       [&](const auto& pnode) { return pnode == node.pnode; });
        if (std::find(mask.begin(), mask.end(), true) != mask.end()) return mask;
    }
    return std::nullopt;
}

} // namespace

std::vector<VcpuAffinity> plan_affinity(const DomainSpec& spec, const CpuNodes& host) {
    std::vector<VcpuAffinity> plan;
    for (unsigned vcpu = 0; vcpu < spec.max_vcpus; ++vcpu) {
        VcpuAffinity affinity{.vcpu = vcpu,
                              .hard = mask_of("cpus", spec.hard_affinity, vcpu, host),
                              .soft = spec.soft_affinity.empty()
                                          ? near_its_memory(spec, vcpu, host)
                                          : mask_of("cpus_soft", spec.soft_affinity, vcpu, host)};
        if (affinity.hard || affinity.soft) plan.push_back(std::move(affinity));
    }
    return plan;
}

} // namespace pvh::boot
