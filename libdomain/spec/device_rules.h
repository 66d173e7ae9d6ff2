// SPDX-License-Identifier: LGPL-2.1-or-later
// Rules of devices: for validate(), and for who can point at the place of what breaks one.
#pragma once

#include "libdomain/spec/validate.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvh {

/// Bounds, names, and devices that exclude each other.
void check_devices(const DomainSpec& spec, std::vector<Violation>& out);

/// Whatever the case of their digits.
bool is_same_mac(std::string_view a, std::string_view b);

/// Whether a device's backend= is dom0, by whichever of its names.
bool is_dom0(std::string_view backend);

/// What serves a disk: phy, dom0's kernel, unless it needs QEMU, or asks for it.
/// [libxl_device.c libxl__device_disk_set_backend]
DiskBackend server_of(const DiskSpec& disk);

/// Whether a QEMU in dom0 serves some of the domain's devices.
bool needs_qemu(const DomainSpec& spec);

/// What a device asks for that this release does not do.
struct Unsupported {
    std::string message;
    std::string hint;
};

std::optional<Unsupported> unsupported_in(const DiskSpec& disk);
std::optional<Unsupported> unsupported_in(const P9Spec& p9);
std::optional<Unsupported> unsupported_in(const NicSpec& nic);
std::optional<Unsupported> unsupported_in(const ChannelSpec& channel);

} // namespace pvh
