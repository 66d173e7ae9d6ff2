// SPDX-License-Identifier: LGPL-2.1-or-later
// system.topology
#include "daemon/verbs.h"
#include "libdomain/linux/sysfs.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pvh::daemon::verbs {

namespace {

constexpr const char* kPciDevices = "/sys/bus/pci/devices";

struct PciDevice {
    std::string name; // "0000:00:1f.2"
    xen::PciAddress address;
};

/// What dom0's kernel sees; other names in that folder would not be PCI devices.
std::vector<PciDevice> list_pci_devices() {
    std::vector<std::string> names = host::list_folder(kPciDevices);
    std::sort(names.begin(), names.end());
    std::vector<PciDevice> devices;
    for (std::string& name : names) {
        unsigned segment = 0;
        unsigned bus = 0;
        unsigned device = 0;
        unsigned function = 0;
        if (std::sscanf(name.c_str(), "%4x:%2x:%2x.%1x", &segment, &bus, &device, &function) != 4)
            continue;
        const xen::PciAddress address{
            .segment = static_cast<std::uint16_t>(segment),
            .bus = static_cast<std::uint8_t>(bus),
            .devfn = static_cast<std::uint8_t>((device & 0x1f) << 3 | (function & 7))};
        devices.push_back({std::move(name), address});
    }
    return devices;
}

std::vector<rpc::DeviceTopology> see_devices(xen::HostCpus& cpus) {
    const std::vector<PciDevice> devices = list_pci_devices();
    std::vector<xen::PciAddress> addresses;
    for (const PciDevice& device : devices)
        addresses.push_back(device.address);
    const auto nodes = cpus.nodes_of(addresses);
    std::vector<rpc::DeviceTopology> known;
    for (std::size_t i = 0; i < devices.size(); ++i)
        if (nodes[i]) known.push_back({.device = devices[i].name, .node = *nodes[i]});
    return known;
}

rpc::TopologyResult see(xen::HostCpus& cpus) {
    rpc::TopologyResult result;
    const auto places = cpus.topology();
    for (unsigned cpu = 0; cpu < places.size(); ++cpu)
        if (const auto& place = places[cpu])
            result.cpus.push_back(
                {.cpu = cpu, .core = place->core, .socket = place->socket, .node = place->node});
    for (const xen::NodeInfo& node : cpus.nodes())
        result.nodes.push_back({.node = node.id,
                                .memory_kib = node.size_bytes / 1024,
                                .free_kib = node.free_bytes / 1024,
                                .distances = node.distances});
    result.devices = see_devices(cpus);
    return result;
}

} // namespace

Task<rpc::TopologyResult> topology(Call call, rpc::NoParams /*params*/) {
    std::function<rpc::TopologyResult(WorkerContext&)> job = [](WorkerContext& context) {
        return see(context.hypervisor.host_cpus());
    };
    co_return co_await call.toolstack.queries.run(std::move(job));
}

} // namespace pvh::daemon::verbs
