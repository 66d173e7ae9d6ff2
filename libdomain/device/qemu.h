// SPDX-License-Identifier: LGPL-2.1-or-later
// What QEMU does for a domain without a device model: it serves disks that are no raw bytes, and
// file systems. One process for a domain, which finds its devices in xenstore by itself.
// [tools/libs/light/libxl_dm.c; qemu hw/xen/xen-bus.c]
#pragma once

#include "libdomain/device/host_devices.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::device {

/// Where Debian and builds of Xen's own have it.
inline constexpr std::array kQemuPrograms{
    "/usr/libexec/xen-qemu-system-i386", "/usr/lib/xen/bin/qemu-system-i386",
    "/usr/local/lib/xen/bin/qemu-system-i386", "/usr/libexec/xen/bin/qemu-system-i386",
    "/usr/local/libexec/xen/bin/qemu-system-i386"};

bool is_served_by_qemu(const Address& device);

std::vector<std::string> qemu_arguments(const std::string& program, DomId frontend);

// ---- whether a process is one: anybody can give root's setuid programs a name and arguments

/// By the file that it runs, as /proc/PID/exe has it.
bool is_qemu(std::string_view program);
/// By /proc/PID/status: by all its user ids. (That folder is root's for whoever is not dumpable.)
bool is_roots(std::string_view status);
/// The domain that a process with these arguments serves; nothing if it is no such QEMU, ours or
/// xl's.
std::optional<DomId> served_by(const std::vector<std::string>& arguments);

/// Where xl looks for the process of a domain that it ends.   [DEVICE_MODEL_PID]
std::string qemu_pid_path(DomId frontend);
/// QEMU's own notes on a domain.
std::string qemu_notes_path(DomId frontend);

/// Starts the QEMU of a domain, unless it runs. That it has one is noted before, so that whoever
/// ends the domain looks for it, whenever we die.
QemuProcess start_qemu(HostDevices& host, xen::Store& store, DomId frontend);

/// By its notes: there may be one that serves nothing any more.
bool has_qemu(xen::Store& store, DomId frontend);

/// Ends it, if it runs, and removes the notes. Bounded.
void stop_qemu(HostDevices& host, xen::Store& store, DomId frontend);

/// Of one that has ended: removes the notes.
void forget_qemu(xen::Store& store, DomId frontend);

/// Why QEMU could not make this device, out of what it printed; nothing if it does not say so.
std::optional<std::string> failure_in(std::string_view output, const Address& device);

} // namespace pvh::device
