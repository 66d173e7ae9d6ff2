// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/device/host_devices.h"

#include <functional>
#include <memory>

namespace pvh::host {

/// Those of the Linux that this runs on. Channels are served by pvhconsoled: `is_console_served`
/// tells whether it runs.
std::unique_ptr<device::HostDevices> open_host_devices(std::function<bool()> is_console_served);

} // namespace pvh::host
