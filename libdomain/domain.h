// SPDX-License-Identifier: LGPL-2.1-or-later
// Verbs on a domain that exists. A Domain is an identity and owns nothing: domains outlive the
// daemon.
#pragma once

#include "libdomain/core/ids.h"
#include "libdomain/core/uuid.h"
#include "libdomain/device/host_devices.h"
#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"

#include <optional>
#include <string>
#include <vector>

namespace pvh {

struct Domain {
    DomId id;
    Uuid uuid;
    friend bool operator==(const Domain&, const Domain&) = default;
};

/// Domids are reused, UUIDs only by the next life of the same domain: throws Errc::not_found unless
/// Xen's domain of that domid has this UUID.
xen::DomainInfo require_alive(xen::Hypervisor& hv, const Domain& domain);
/// The same, and bad_state if the domain has stopped.
xen::DomainInfo require_running(xen::Hypervisor& hv, const Domain& domain);

/// Ends the domain at once and removes what we, its backends and xenstored hold for it. Blocks
/// until Xen has torn it down. A domain that is already gone is no error: its leftovers in xenstore
/// are removed, unless the domid has a new owner. If xenstore fails, the domain is ended all the
/// same, and then that error thrown.
void destroy_domain(xen::Hypervisor& hv, xen::Store& store, device::HostDevices& host,
                    const Domain& domain);

/// The kinds of devices that the domain's toolstack has on record, but for console 0. Those of xl's
/// domains may need xl's scripts to be taken apart.
std::vector<std::string> other_devices(xen::Store& store, const Domain& domain);

/// Removes the notes that xl keeps in files for a domain of its own; for domains that we destroy in
/// its stead. Costs a look through one folder.   [tools/libs/light/libxl_internal.c userdata_path]
void forget_xl_notes(const Domain& domain) noexcept;

enum class GuestRequest { poweroff, reboot };

/// Asks the guest by its control/shutdown node. Throws bad_state if the guest never said that it
/// listens (feature-poweroff, feature-reboot), or if the domain has already stopped. Says nothing
/// about when or whether the guest obeys.
void request_shutdown(xen::Hypervisor& hv, xen::Store& store, const Domain& domain,
                      GuestRequest request);

/// Asks the guest by its cpu/N/availability nodes to use vCPUs 0 to `count` - 1 and no others.
/// Throws invalid_config unless there are so many, bad_state if the domain has stopped. Says
/// nothing about when or whether the guest obeys.   [tools/libs/light/libxl_domain.c
/// libxl__set_vcpuonline_xenstore]
void request_vcpus(xen::Hypervisor& hv, xen::Store& store, const Domain& domain, unsigned count);

/// The pseudo-terminal of console 0; nothing until whoever serves it has made one.
std::optional<std::string> console_tty(xen::Store& store, const Domain& domain);
/// Who serves console 0, by the word in its nodes: "xenconsoled", "pvhconsoled", or "".
std::string console_service(xen::Store& store, const Domain& domain);

} // namespace pvh
