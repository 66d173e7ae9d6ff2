// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/device/host_devices.h"

namespace pvh::host {

/// Runs a program with nothing of pvhd's but its rights: no descriptors, signals as they are at
/// first, the environment given and a PATH, a process group of its own. That is killed when its
/// time is over; what it leaves running when it ends in time is left, but nobody reads any more
/// what that prints. Throws if it cannot be started.
device::ScriptEnd run_script(const device::ScriptCall& call);

/// Kills its process group, and waits until it has ended: not without an end.
void end_script(const std::string& process);

} // namespace pvh::host
