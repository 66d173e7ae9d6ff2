// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/ids.h"
#include "libdomain/xen/store.h"

#include <string>
#include <vector>

namespace pvh::device {

/// In this order: a node's permissions are set before its children exist, so that they inherit
/// them; folders without a value or permissions of their own are not named, what is in them makes
/// them.
using StoreNode = xen::NodeChange;
using StoreNodes = std::vector<StoreNode>;

/// n0: dom0's, nobody else sees it.
xen::Permissions private_to_dom0();
/// n0,rN: dom0's, the guest may read.
xen::Permissions readable_by(DomId guest);
/// nN: the guest's own; dom0 may always do all.
xen::Permissions owned_by(DomId guest);
/// nN,r0: the guest's, for the backend in `backend` to read.
xen::Permissions owned_and_shown(DomId guest, DomId backend);

/// /local/domain/N
std::string domain_path(DomId dom);
/// /libxl/N, where toolstacks keep their own record of a domain, out of any guest's reach.
std::string record_path(DomId dom);

} // namespace pvh::device
