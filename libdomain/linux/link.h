// SPDX-License-Identifier: LGPL-2.1-or-later
// Network interfaces, by rtnetlink.   [rtnetlink(7)]
#pragma once

#include <optional>
#include <string>

namespace pvh::host {

struct LinkChange {
    std::string rename; // empty: it keeps its name
    std::string master;
    unsigned mtu{};
};

/// One request: name, MTU, master, and up. Throws what the kernel says.
void change_link(const std::string& interface, const LinkChange& change);

} // namespace pvh::host
