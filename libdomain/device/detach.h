// SPDX-License-Identifier: LGPL-2.1-or-later
// Taking devices away: always by the toolstack's own record, which no guest can write.
// [XSA-175, XSA-178]
#pragma once

#include "libdomain/device/host_devices.h"

#include <chrono>
#include <vector>

namespace pvh::device {

/// What xl waits for a backend to close.   [libxl_internal.h LIBXL_DESTROY_TIMEOUT]
inline constexpr std::chrono::seconds kCloseLimit{10};

/// Takes all devices of a domain away from it, consoles apart. Backends have a bounded time to let
/// go; afterwards their nodes go anyway. The domain runs no more.
/// [libxl_device.c libxl__devices_destroy]
void remove_devices(HostDevices& host, xen::Store& store, DomId frontend);

/// The same of one device, of a domain that may run: the guest is not asked. False if the backend
/// did not let go: it may still have open what it served.
bool remove_device(HostDevices& host, xen::Store& store, const Address& device);

/// The same where the record may have gone, and with it the name of the device's own script.
bool remove_device(HostDevices& host, xen::Store& store, const Address& device,
                   const std::string& script);

/// Asks the guest to let go of a device, and removes it once it has. Throws timeout if the guest
/// does not in this time: if it has not even begun, the device is then as it was. Where there is
/// nobody to ask it is remove_device().
/// [libxl_device.c libxl__initiate_device_generic_remove]
bool detach_device(HostDevices& host, xen::Store& store, const Address& device,
                   std::chrono::milliseconds limit);

/// Of a domain that runs, and whose QEMU has ended: the guest is told that these devices are gone,
/// as otherwise it would wait for them for ever.
void close_devices_of_qemu(xen::Store& store, DomId frontend);

// ---- of a device that is being attached, for the pvhd that comes after one that died meanwhile

void mark_unfinished(xen::Store& store, const Address& device);
void mark_finished(xen::Store& store, const Address& device);
bool is_unfinished(xen::Store& store, const Address& device);
std::vector<Address> unfinished_devices(xen::Store& store, DomId frontend);

/// Those of which a guest was asked to let go, by a pvhd that died meanwhile or waited in vain.
std::vector<Address> half_detached_devices(xen::Store& store, DomId frontend);
/// One that the guest has closed goes; one that it has begun to close is in use there, and left as
/// it is; else the question is taken back.
void settle_detach(HostDevices& host, xen::Store& store, const Address& device);

} // namespace pvh::device
