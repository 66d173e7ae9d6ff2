// SPDX-License-Identifier: LGPL-2.1-or-later
// Processes of QEMU as backends. The truth is in /proc: they outlive pvhd, and xl may start some.
#pragma once

#include "libdomain/device/host_devices.h"
#include "libdomain/linux/medium.h"

#include <optional>
#include <vector>

namespace pvh::host {

/// Throws Error, with a hint, if there is none to start.
void require_qemu();

device::QemuProcess start_qemu(DomId frontend);
std::optional<device::QemuProcess> find_qemu(DomId frontend);
void end_qemu(DomId frontend);

/// Guests whose QEMU has any of these bytes open, whatever xenstore has of them: one that hangs
/// keeps what was taken away from it by force.
std::vector<device::DiskUser> find_qemu_users(const Medium& medium);

/// Waits until QEMU has given the device up: it removes the nodes, or ends.
bool await_qemu_closed(xen::Store& store, const device::Address& device,
                       std::chrono::milliseconds limit);

/// Waits until QEMU waits for the guest, or fails with what it printed.
void await_qemu(xen::Store& store, const device::Address& device, const device::QemuProcess& qemu,
                std::chrono::milliseconds limit);

} // namespace pvh::host
