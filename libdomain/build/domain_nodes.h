// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/boot/build_plan.h"
#include "libdomain/device/store_node.h"
#include "libdomain/domain.h"

#include <string>

namespace pvh {

/// What a domain's rings are bound to.
struct Rings {
    Gfn store;
    Port store_port;
    Gfn console;
    Port console_port;
};

// Every node of a new domain but for its devices, as xl writes them, so that xl's tools take the
// domain for one of theirs. Pure.

/// The folders, what the guest owns in them, and what tells whose they are: first, since what
/// follows inherits their permissions.
device::StoreNodes describe_homes(const Domain& domain, const DomainSpec& spec);

/// What else is in them. `start_time` is seconds since the epoch with two decimals.
device::StoreNodes describe_contents(const Domain& domain, const DomainSpec& spec,
                                     const Rings& rings, const std::string& start_time);

/// What a domain that was built under another name, and perhaps another UUID, is called, and when
/// it began. `start_time` as above.
device::StoreNodes describe_identity(const Domain& domain, const Uuid& built_as,
                                     const std::string& name, const std::string& start_time);

/// Now, as start_time has it.
std::string start_time_now();

/// Of a domain that has got this UUID: it has this name now, and its folder below /vm is that of
/// the UUID; the one that it had is gone. May be done again.   [libxl_domain.c
/// libxl_domain_preserve]
void rename_domain_nodes(xen::Store& store, const Domain& domain, const std::string& name);

/// Whether there is anything that an earlier domain of this number may have left.
bool has_domain_nodes(xen::Store& store, DomId dom);

/// Removes all of a domain's nodes, its console's included; what is not there is no error.
void remove_domain_nodes(xen::Store& store, const Domain& domain);

} // namespace pvh
