// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/peer.h"

#include "libdomain/core/error.h"

#include <cerrno>
#include <vector>

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pvh::daemon {

namespace {

ucred credentials_of(int socket) {
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        throw Error{Errc::internal, "ask for a peer's credentials", errno};
    return credentials;
}

/// Supplementary groups at the time of connect: from the kernel, not from a name service that may
/// block.
std::vector<gid_t> groups_of(int socket) {
    std::vector<gid_t> groups(64);
    for (;;) {
        auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
        if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) {
            groups.resize(size / sizeof(gid_t));
            return groups;
        }
        if (errno != ERANGE) throw Error{Errc::internal, "ask for a peer's groups", errno};
        groups.resize(size / sizeof(gid_t));
    }
}

} // namespace

std::string Peer::describe() const {
    return fmt::format("pid {} uid {}", pid, uid);
}

std::optional<Peer> identify_peer(int socket, const Roles& roles) {
    const ucred credentials = credentials_of(socket);
    std::vector<gid_t> groups = groups_of(socket);
    groups.push_back(credentials.gid);
    const auto role = role_of(roles, credentials.uid, groups);
    if (!role) return std::nullopt;
    return Peer{
        .pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid, .role = *role};
}

} // namespace pvh::daemon
