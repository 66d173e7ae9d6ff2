// SPDX-License-Identifier: LGPL-2.1-or-later
// Who may do what.   [docs/man/pvhd.conf.5.scd, "ROLES"]
#pragma once

#include "rpc/methods.h"

#include <optional>
#include <span>
#include <vector>

#include <sys/types.h>

namespace pvh::daemon {

/// Users and groups, by number: names are looked up once, when settings are read.
struct Members {
    std::vector<uid_t> users;
    std::vector<gid_t> groups;
    friend bool operator==(const Members&, const Members&) = default;
};

struct Roles {
    Members readers;
    Members operators;
    Members admins;
    friend bool operator==(const Roles&, const Roles&) = default;
};

/// What holds while nobody is given a role: members of the socket's group are admins.
Roles roles_by_socket(std::optional<gid_t> group);

/// The highest role of a user with these groups; nothing if it has none. root and our own user are
/// always admins.
std::optional<rpc::Role> role_of(const Roles& roles, uid_t user, std::span<const gid_t> groups);

} // namespace pvh::daemon
