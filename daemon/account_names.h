// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace pvh::daemon {

/// The number of a user or group: of a name that the host knows, or written as digits.
/// [getpwnam_r(3), getgrnam_r(3)]
std::optional<uid_t> find_user(const std::string& name);
std::optional<gid_t> find_group(const std::string& name);

} // namespace pvh::daemon
