// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"

#include <string>
#include <vector>

namespace pvh {

struct ListedDomain {
    xen::DomainInfo info;
    std::string name; // empty if xenstore has none
};

/// Every domain that Xen knows, ours or not, ascending by domid, with its name from xenstore.
std::vector<ListedDomain> list_domains(xen::Hypervisor& hv, xen::Store& store);

} // namespace pvh
