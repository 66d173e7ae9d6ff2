// SPDX-License-Identifier: LGPL-2.1-or-later
// A script of the administrator's own, which makes a device ready in place of what is done without
// one. It is called as xl calls it.   [libxl_linux.c get_hotplug_env; docs/misc/block-scripts.txt]
#pragma once

#include "libdomain/device/host_devices.h"

#include <string>
#include <string_view>

namespace pvh::device {

enum class ScriptAction : std::uint8_t { add, remove };

/// A script as it is called: a name alone is of /etc/xen/scripts, as with xl. Empty if it is xl's
/// own for that kind of device, or none.
std::string path_of_script(const std::string& script, std::string_view kind);

/// What nodes name as the script of a device that has none of its own: xl's, for the case that xl
/// detaches it.
std::string_view default_script(std::string_view kind);

/// The script that a device on record was given; empty if it is xl's, whose work is done here
/// without it.
std::string own_script(xen::Store& store, const Address& device);

/// Once the backend waits for the guest, or has let go. Throws what the script said if it fails, or
/// takes too long.
void run_script(HostDevices& host, xen::Store& store, const Address& device,
                const std::string& path, ScriptAction action);

} // namespace pvh::device
