// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/roles.h"
#include "rpc/methods.h"

#include <optional>
#include <string>

#include <sys/types.h>

namespace pvh::daemon {

/// Who is at the other end of a connection, as the kernel saw it connect.
struct Peer {
    pid_t pid{};
    uid_t uid{};
    gid_t gid{};
    rpc::Role role{};
    bool is_connected{true}; // false once nobody reads what we send

    /// "pid 123 uid 0", for audit lines and busy errors.
    [[nodiscard]] std::string describe() const;
};

/// Asks the kernel about a connected socket. Nothing for somebody without a role.
/// [socket(7) SO_PEERCRED, SO_PEERGROUPS]
std::optional<Peer> identify_peer(int socket, const Roles& roles);

} // namespace pvh::daemon
