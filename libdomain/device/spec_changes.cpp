// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/spec_changes.h"

#include "libdomain/spec/device_rules.h"
#include "libdomain/spec/vdev.h"

#include <algorithm>
#include <set>

namespace pvh::device {

namespace {

/// The lowest number that is not taken; takes it.
unsigned take_lowest(std::set<unsigned>& taken) {
    unsigned number = 0;
    while (!taken.insert(number).second)
        ++number;
    return number;
}

std::set<unsigned> devids_of(const std::vector<NicSpec>& nics) {
    std::set<unsigned> devids;
    for (const NicSpec& nic : nics)
        if (nic.devid) devids.insert(*nic.devid);
    return devids;
}

} // namespace

Address address_of(const DiskSpec& disk, DomId frontend) {
    return {.kind = server_of(disk) == DiskBackend::qdisk ? "qdisk" : "vbd",
            .id = parse_vdev(disk.vdev).value(),
            .frontend = frontend};
}

std::vector<NicSpec> numbered_nics(std::vector<NicSpec> nics) {
    std::set<unsigned> taken = devids_of(nics);
    for (NicSpec& nic : nics)
        if (!nic.devid) nic.devid = take_lowest(taken);
    return nics;
}

std::vector<Address> addresses_of(const DomainSpec& spec, DomId frontend) {
    std::vector<Address> addresses;
    for (const DiskSpec& disk : spec.disks)
        addresses.push_back(address_of(disk, frontend));
    for (const NicSpec& nic : numbered_nics(spec.nics))
        addresses.push_back({.kind = "vif", .id = nic.devid.value(), .frontend = frontend});
    return addresses;
}

DeviceSpec numbered(DeviceSpec device, const DomainSpec& spec,
                    const std::vector<Address>& present) {
    auto* nic = std::get_if<NicSpec>(&device);
    if (nic == nullptr || nic->devid) return device;
    std::set<unsigned> taken = devids_of(numbered_nics(spec.nics));
    for (const Address& other : present)
        if (other.kind == "vif") taken.insert(other.id);
    nic->devid = take_lowest(taken);
    return device;
}

DomainSpec only_present(DomainSpec spec, DomId frontend, const std::vector<Address>& present) {
    const auto is_present = [&](const Address& address) {
        return std::any_of(present.begin(), present.end(), [&](const Address& other) {
            return record_path(other) == record_path(address); // whoever serves it
        });
    };
    for (const Address& address : addresses_of(spec, frontend))
        if (!is_present(address)) spec = without_device(std::move(spec), address);
    return spec;
}

DomainSpec with_device(DomainSpec spec, const DeviceSpec& device) {
    spec.nics = numbered_nics(std::move(spec.nics));
    if (const auto* disk = std::get_if<DiskSpec>(&device))
        spec.disks.push_back(*disk);
    else
        spec.nics.push_back(std::get<NicSpec>(device));
    return spec;
}

DomainSpec without_device(DomainSpec spec, const Address& device) {
    spec.nics = numbered_nics(std::move(spec.nics));
    if (is_disk(device))
        std::erase_if(spec.disks,
                      [&](const DiskSpec& disk) { return parse_vdev(disk.vdev) == device.id; });
    if (device.kind == "vif")
        std::erase_if(spec.nics, [&](const NicSpec& nic) { return nic.devid == device.id; });
    return spec;
}

} // namespace pvh::device
