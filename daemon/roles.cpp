// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/roles.h"

#include <algorithm>

#include <unistd.h>

namespace pvh::daemon {

namespace {

bool has(const Members& members, uid_t user, std::span<const gid_t> groups) {
    const auto& users = members.users;
    return std::find(users.begin(), users.end(), user) != users.end() ||
           std::find_first_of(members.groups.begin(), members.groups.end(), groups.begin(),
                              groups.end()) != members.groups.end();
}

} // namespace

Roles roles_by_socket(std::optional<gid_t> group) {
    Roles roles;
    if (group) roles.admins.groups.push_back(*group);
    return roles;
}

std::optional<rpc::Role> role_of(const Roles& roles, uid_t user, std::span<const gid_t> groups) {
    if (user == 0 || user == ::geteuid() || has(roles.admins, user, groups))
        return rpc::Role::admin;
    if (has(roles.operators, user, groups)) return rpc::Role::operate;
    if (has(roles.readers, user, groups)) return rpc::Role::reader;
    return std::nullopt;
}

} // namespace pvh::daemon
