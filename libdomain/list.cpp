// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/list.h"

#include "libdomain/device/store_node.h"

namespace pvh {

std::vector<ListedDomain> list_domains(xen::Hypervisor& hv, xen::Store& store) {
    std::vector<ListedDomain> listed;
    for (xen::DomainInfo& info : hv.list_domains()) {
        const std::string path = device::domain_path(info.id) + "/name";
        listed.push_back({.info = info, .name = store.read(path).value_or("")});
    }
    return listed;
}

} // namespace pvh
