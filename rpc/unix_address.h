// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <sys/un.h>

namespace pvh::rpc {

/// Throws Errc::invalid_config if the path has more bytes than unix(7) takes, or none.
sockaddr_un unix_address(const std::string& path);

/// Where pvhconsoled listens: console.sock, beside the socket of pvhd.
std::string console_socket_beside(const std::string& pvhd_socket);

/// Whether somebody listens there now.
bool is_served(const std::string& path) noexcept;

} // namespace pvh::rpc
