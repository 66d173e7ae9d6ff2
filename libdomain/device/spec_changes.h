// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of a domain's spec when devices come and go. Pure.
#pragma once

#include "libdomain/device/address.h"
#include "libdomain/spec/domain_spec.h"

#include <variant>
#include <vector>

namespace pvh::device {

using DeviceSpec = std::variant<DiskSpec, NicSpec>;

/// Of a disk with a valid vdev, in dom0.
Address address_of(const DiskSpec& disk, DomId frontend);

/// Each under its number: those that were given none have the lowest free ones, in their order.
std::vector<NicSpec> numbered_nics(std::vector<NicSpec> nics);

/// Where the disks and interfaces of a valid spec are, if dom0 serves them.
std::vector<Address> addresses_of(const DomainSpec& spec, DomId frontend);

/// Without the devices that are not `present` any more: another toolstack may take some away.
DomainSpec only_present(DomainSpec spec, DomId frontend, const std::vector<Address>& present);

/// An interface that was given no number has the lowest that neither the spec nor `present` has.
DeviceSpec numbered(DeviceSpec device, const DomainSpec& spec, const std::vector<Address>& present);

/// The number and the MAC of an interface that stays are what they were.
DomainSpec with_device(DomainSpec spec, const DeviceSpec& device);
DomainSpec without_device(DomainSpec spec, const Address& device);

} // namespace pvh::device
