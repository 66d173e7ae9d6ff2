// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/ids.h"
#include "libdomain/device/attach.h"
#include "libdomain/domain.h"
#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"

namespace pvh {

/// The one owner of a half-built domain: leaving the scope destroys it, unless it was committed.
/// Ports, HVM params, grants, memory and claims die with the domain and need no guards of their
/// own.
class NascentDomain {
  public:
    NascentDomain(xen::Hypervisor& hv, const xen::CreateDomain& args);
    NascentDomain(const NascentDomain&) = delete;
    NascentDomain& operator=(const NascentDomain&) = delete;
    ~NascentDomain();

    [[nodiscard]] DomId id() const { return domain_.id; }

    [[nodiscard]] const Domain& domain() const { return domain_; }

    Domain commit() noexcept;

  private:
    xen::Hypervisor& hv_;
    Domain domain_;
    bool is_committed_{false};
};

/// Owner of what a half-built domain's devices have in xenstore and in their backends.
class NascentDevices {
  public:
    NascentDevices(device::HostDevices& host, xen::Store& store, DomId dom,
                   device::Devices devices);
    NascentDevices(const NascentDevices&) = delete;
    NascentDevices& operator=(const NascentDevices&) = delete;
    ~NascentDevices();

    /// Writes the nodes: from here on the backends work.
    void announce() { qemu_ = device::announce_devices(devices_, host_, store_, dom_); }

    /// Waits until each backend waits for the guest, and plugs it.
    void plug() { device::plug_devices(devices_, host_, store_, dom_, qemu_); }

    void commit() noexcept { is_committed_ = true; }

  private:
    device::HostDevices& host_;
    xen::Store& store_;
    DomId dom_;
    device::Devices devices_;
    std::optional<device::QemuProcess> qemu_;
    bool is_committed_{false};
};

/// Owner of a half-built domain's nodes. Clears what an earlier domain of that domid may have left
/// before anything is written: its nodes could carry permissions of a stranger.   [XSA-322]
class NascentNodes {
  public:
    NascentNodes(xen::Store& store, const Domain& domain);
    NascentNodes(const NascentNodes&) = delete;
    NascentNodes& operator=(const NascentNodes&) = delete;
    ~NascentNodes();

    void commit() noexcept { is_committed_ = true; }

  private:
    xen::Store& store_;
    Domain domain_;
    bool is_committed_{false};
};

} // namespace pvh
