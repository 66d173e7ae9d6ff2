// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/unix_address.h"

#include "libdomain/core/error.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <sys/socket.h>

namespace pvh::rpc {

sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path))
        throw Error{Errc::invalid_config,
                    fmt::format("socket path \"{}\" has {} bytes; 1 to {} are possible", path,
                                path.size(), sizeof(address.sun_path) - 1)};
    std::copy(path.begin(), path.end(), std::begin(address.sun_path));
    return address;
}

} // namespace pvh::rpc
