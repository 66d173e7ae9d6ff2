// SPDX-License-Identifier: LGPL-2.1-or-later
// From devices as they are described to devices that a guest can connect to, and back.
#pragma once

#include "libdomain/device/device.h"
#include "libdomain/spec/domain_spec.h"

#include <memory>
#include <vector>

namespace pvh::device {

using Devices = std::vector<std::unique_ptr<Device>>;

/// The devices of a valid spec with a UUID, prepared: all that can be wrong with them before a
/// domain exists is thrown here. Nothing is changed.
Devices prepare_devices(const DomainSpec& spec, HostDevices& host, xen::Store& store);

/// Writes the nodes of all; their backends begin to work.
void announce_devices(const Devices& devices, xen::Store& store, DomId frontend);

/// Waits until each backend waits for the guest, and plugs it.
void plug_devices(const Devices& devices, HostDevices& host, xen::Store& store, DomId frontend);

/// Takes all devices of a domain away from it, consoles apart: by the toolstack's own record, which
/// no guest can write. Backends have a bounded time to let go; afterwards their nodes go anyway.
/// The domain runs no more.   [XSA-175, XSA-178; libxl_device.c libxl__devices_destroy]
void remove_devices(HostDevices& host, xen::Store& store, DomId frontend);

} // namespace pvh::device
