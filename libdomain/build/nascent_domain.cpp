// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/nascent_domain.h"

#include "libdomain/build/domain_nodes.h"
#include "libdomain/core/log.h"
#include "libdomain/device/detach.h"

#include <exception>
#include <utility>

namespace pvh {

NascentDomain::NascentDomain(xen::Hypervisor& hv, const xen::CreateDomain& args)
    : hv_{hv}, domain_{.id = hv.create_domain(args), .uuid = args.handle} {}

NascentDomain::~NascentDomain() {
    if (is_committed_) return;
    try {
        hv_.destroy_domain(domain_.id);
    } catch (const std::exception& e) {
        log::error("{} could not be destroyed after its build failed: {}", domain_.id, e.what());
    }
}

Domain NascentDomain::commit() noexcept {
    is_committed_ = true;
    return domain_;
}

NascentDevices::NascentDevices(device::HostDevices& host, xen::Store& store, DomId dom,
                               device::Devices devices)
    : host_{host}, store_{store}, dom_{dom}, devices_{std::move(devices)} {}

NascentDevices::~NascentDevices() {
    if (is_committed_) return;
    devices_.clear(); // what we hold, no backend can let go of
    try {
        device::remove_devices(host_, store_, dom_);
    } catch (const std::exception& e) {
        log::error("devices of {} remain after its build failed: {}", dom_, e.what());
    }
}

NascentNodes::NascentNodes(xen::Store& store, const Domain& domain)
    : store_{store}, domain_{domain} {
    if (has_domain_nodes(store_, domain_.id)) remove_domain_nodes(store_, domain_);
}

NascentNodes::~NascentNodes() {
    if (is_committed_) return;
    try {
        remove_domain_nodes(store_, domain_);
    } catch (const std::exception& e) {
        log::error("nodes of {} remain after its build failed: {}", domain_.id, e.what());
    }
}

} // namespace pvh
