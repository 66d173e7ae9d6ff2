// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/device/host_devices.h"

#include <memory>

namespace pvh::host {

/// Those of the Linux that this runs on.
std::unique_ptr<device::HostDevices> open_host_devices();

} // namespace pvh::host
