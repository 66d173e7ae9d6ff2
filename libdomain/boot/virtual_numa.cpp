// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/virtual_numa.h"

#include "libdomain/boot/memory_map.h"
#include "libdomain/core/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace pvh::boot {

namespace {

void require_host_node(unsigned node, unsigned pnode, unsigned host_nodes) {
    if (pnode < host_nodes) return;
    throw Error{Errc::invalid_config,
                fmt::format("vnuma node {} is to be on NUMA node {} of the host, which has {}",
                            node, pnode, host_nodes)}
        .with_hint(fmt::format("want pnode=0 to {}", host_nodes - 1));
}

/// Both cover the same bytes, says validate(): a node may span the hole, a range many nodes.
std::vector<NodeMemory> deal_out(const std::vector<VirtualNode>& nodes,
                                 std::vector<MemoryRange> ranges) {
    std::vector<NodeMemory> memory;
    auto range = ranges.begin();
    for (unsigned node = 0; node < nodes.size(); ++node) {
        std::uint64_t left = nodes[node].size_mib * kMiB;
        while (left > 0) {
            if (range == ranges.end())
                throw Error{Errc::internal, "virtual nodes with more memory than the domain"};
            const std::uint64_t size = std::min(left, range->size);
            memory.push_back({.node = node, .address = range->address, .size = size});
            left -= size;
            range->address = range->address + size;
            range->size -= size;
            if (range->size == 0) ++range;
        }
    }
    return memory;
}

} // namespace

std::optional<VirtualNuma> plan_virtual_numa(const DomainSpec& spec, unsigned host_nodes) {
    const std::vector<VirtualNode>& nodes = spec.virtual_nodes;
    if (nodes.empty()) return std::nullopt;
    VirtualNuma numa;
    numa.vcpus.resize(spec.max_vcpus);
    for (unsigned node = 0; node < nodes.size(); ++node) {
        require_host_node(node, nodes[node].pnode, host_nodes);
        numa.pnodes.push_back(nodes[node].pnode);
        for (const unsigned vcpu : nodes[node].vcpus)
            numa.vcpus.at(vcpu) = node;
        numa.distances.insert(numa.distances.end(), nodes[node].distances.begin(),
                              nodes[node].distances.end());
    }
    numa.memory = deal_out(nodes, ram_ranges(spec.max_memory_mib * kMiB));
    return numa;
}

} // namespace pvh::boot
