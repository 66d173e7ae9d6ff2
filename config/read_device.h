// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/read_config.h"

#include <string>
#include <string_view>

namespace pvh::config {

/// Reads one item of the option `key`, which is "disk" or "vif", as it would stand in a config. The
/// spec that is returned has this device and nothing else; it is not valid. Relative paths start at
/// `directory`. The text is untrusted. Throws Errc::invalid_config, whose text is every complaint
/// with its place, KEY:1:COLUMN, ready to print.
ReadResult read_device(std::string_view key, std::string_view text, const std::string& directory);

/// Reads CPUs of the host as cpus= has them for all vCPUs: "0-3,^1", "all". Throws as read_device.
CpuList read_cpu_list(std::string_view text);

} // namespace pvh::config
