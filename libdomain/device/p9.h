// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/device/device.h"

namespace pvh::device {

/// A directory of dom0 as a file system of the guest, served by QEMU.
/// [xen docs/misc/9pfs.pandoc; tools/libs/light/libxl_9pfs.c]
class P9 final : public Device {
  public:
    /// `spec` is valid; `devid` is its place among its kind. Throws Errc::unsupported for what is
    /// served in other ways.
    P9(const P9Spec& spec, unsigned devid);

    [[nodiscard]] Address address(DomId frontend) const override;
    [[nodiscard]] std::string title() const override;
    void prepare(HostDevices& host, xen::Store& store) override;
    [[nodiscard]] DeviceKeys describe() const override;

  private:
    P9Spec spec_;
    unsigned devid_;
};

} // namespace pvh::device
