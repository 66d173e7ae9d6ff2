// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/unix_address.h"

#include "libdomain/core/error.h"
#include "libdomain/core/unique_handle.h"

#include <algorithm>
#include <filesystem>
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

std::string console_socket_beside(const std::string& pvhd_socket) {
    return std::filesystem::path{pvhd_socket}.replace_filename("console.sock").string();
}

bool is_served(const std::string& path) noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path)) return false;
    std::copy(path.begin(), path.end(), std::begin(address.sun_path));
    const UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    return fd &&
           ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

} // namespace pvh::rpc
