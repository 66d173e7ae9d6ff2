// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/host.h"

#include "libdomain/build/service_domain.h"

namespace pvh {

boot::HostFacts gather_host_facts(xen::Hypervisor& hv, xen::Store& store) {
    const xen::HostInfo host = hv.host_info();
    boot::HostFacts facts{.default_cpu_policy = {},
                          .cpu_nodes = hv.cpu_nodes(),
                          .nodes = host.nr_nodes,
                          .max_cpu_id = host.max_cpu_id,
                          .has_grant_v2 = host.has_gnttab_v2,
                          .has_hvm = host.has_hvm,
                          .has_vpmu = host.has_vpmu,
                          .has_hap = host.has_hap,
                          .store_domain = service_domain(store, "/tool/xenstored/domid")};
    // Xen has no default policy for what it cannot run.
    if (host.has_hvm) facts.default_cpu_policy = hv.default_cpu_policy();
    facts.host_cpu_policy = hv.host_cpu_policy();
    return facts;
}

} // namespace pvh
