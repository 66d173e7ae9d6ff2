// SPDX-License-Identifier: LGPL-2.1-or-later
// What a new look at Xen's list means, as a pure diff: watches say only "look again".
#pragma once

#include "libdomain/domain.h"
#include "libdomain/xen/hypervisor.h"

#include <span>
#include <vector>

namespace pvh::daemon {

/// What we believed of a domain.
struct Known {
    Domain domain;
    bool is_paused{};
    bool is_shutdown{};
    bool is_dying{};
};

struct Changes {
    std::vector<Domain> gone;
    std::vector<xen::DomainInfo> appeared;
    std::vector<xen::DomainInfo> changed; // same domain, other flags

    [[nodiscard]] bool empty() const { return gone.empty() && appeared.empty() && changed.empty(); }
};

/// Both ascending by domid. A domid with another UUID is another domain: the old one is gone, the
/// new one appeared.
Changes reconcile(std::span<const Known> known, std::span<const xen::DomainInfo> present);

} // namespace pvh::daemon
