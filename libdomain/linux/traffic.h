// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/device/host_devices.h"

#include <string>

namespace pvh::host {

/// What blkback and netback have counted, from sysfs: a few small files for each device. Found by
/// backend device, since an interface may have been given a name of its own. A device that goes
/// meanwhile is left out. `root` stands before every path.
device::Traffic read_traffic(const std::string& root = "");

} // namespace pvh::host
