// SPDX-License-Identifier: LGPL-2.1-or-later
// From devices as they are described to devices that a guest can connect to, and back.
#pragma once

#include "libdomain/device/device.h"
#include "libdomain/device/spec_changes.h"
#include "libdomain/spec/domain_spec.h"

#include <memory>
#include <optional>
#include <vector>

namespace pvh::device {

using Devices = std::vector<std::unique_ptr<Device>>;

/// The devices of a valid spec with a UUID, prepared: all that can be wrong with them before a
/// domain exists is thrown here. Nothing is changed.
Devices prepare_devices(const DomainSpec& spec, HostDevices& host, xen::Store& store);

/// Writes the nodes of all; their backends begin to work. If it throws, some may have begun.
/// Returns the QEMU that serves some of them.
std::optional<QemuProcess> announce_devices(const Devices& devices, HostDevices& host,
                                            xen::Store& store, DomId frontend);

/// Waits until each backend waits for the guest, and plugs it.
void plug_devices(const Devices& devices, HostDevices& host, xen::Store& store, DomId frontend,
                  const std::optional<QemuProcess>& qemu);

/// Attaches one more to a domain that runs, an interface under the number that its spec has, and
/// returns when its backend waits for the guest: as xl, it does not wait for the guest. If that
/// fails nothing of it remains; if pvhd dies on the way, it is on record as unfinished. The
/// domain's UUID is for its MAC. Throws already_exists if the record has a device of that number.
/// Returns where it is.
Address attach_device(const DeviceSpec& spec, const Uuid& domain, HostDevices& host,
                      xen::Store& store, DomId frontend);

} // namespace pvh::device
