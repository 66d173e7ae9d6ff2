// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/uuid.h"
#include "libdomain/device/device.h"

namespace pvh::device {

/// The bridge of xl's default set-up.
inline constexpr const char* kDefaultBridge = "xenbr0";

/// The MAC of a domain's interface that was given none: Xen's 00:16:3e, then 23 bits that follow
/// from the UUID, so that it lasts as long as that.
std::string derive_mac(const Uuid& domain, unsigned devid);

/// A network interface served by dom0's netback, a port of a bridge.
/// [xen/include/public/io/netif.h; tools/libs/light/libxl_nic.c]
class Nic final : public Device {
  public:
    /// `spec` is valid; `domain` is for its MAC. Throws Errc::unsupported for what is served in
    /// other ways.
    Nic(const NicSpec& spec, unsigned devid, const Uuid& domain);

    [[nodiscard]] Address address(DomId frontend) const override;
    [[nodiscard]] std::string title() const override;
    void prepare(HostDevices& host, xen::Store& store) override;
    [[nodiscard]] DeviceKeys describe() const override;
    void plug(HostDevices& host, xen::Store& store, const Address& device) override;

  private:
    NicSpec spec_;       // with bridge and MAC
    std::string script_; // of its own, absolute; or none
    unsigned devid_;
    DomId backend_ = kDom0;
};

} // namespace pvh::device
