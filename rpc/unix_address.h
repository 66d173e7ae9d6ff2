// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <sys/un.h>

namespace pvh::rpc {

/// Throws Errc::invalid_config if the path has more bytes than unix(7) takes, or none.
sockaddr_un unix_address(const std::string& path);

} // namespace pvh::rpc
