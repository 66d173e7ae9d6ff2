// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/host.h"

#include "libdomain/core/error.h"

namespace pvh {

boot::HostFacts gather_host_facts(xen::Hypervisor& hv) {
    const xen::HostInfo host = hv.host_info();
    if (!host.has_hvm)
        throw Error{Errc::unsupported, "Xen offers no HVM here, which PVH domains need"}.with_hint(
            "switch on VT-x or AMD-V in the firmware");
    if (!host.has_hap)
        throw Error{Errc::unsupported,
                    "Xen offers no hardware assisted paging (HAP) here, which PVH domains need"}
            .with_hint("the CPU must have EPT or NPT, and Xen must not be booted with hap=0");
    return {.default_cpu_policy = hv.default_cpu_policy(), .has_grant_v2 = host.has_gnttab_v2};
}

} // namespace pvh
