// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/device/device.h"

#include <memory>

namespace pvh::device {

/// A disk served by dom0's blkback, which is given the block device by its number: no script runs;
/// or by QEMU, which is given the image's path; or by a driver domain, which has to find out.
/// [xen/include/public/io/blkif.h; tools/libs/light/libxl_disk.c device_disk_add]
class Disk final : public Device {
  public:
    /// `spec` is valid. Throws Errc::unsupported for what is served in other ways.
    explicit Disk(const DiskSpec& spec);

    [[nodiscard]] Address address(DomId frontend) const override;
    [[nodiscard]] std::string title() const override;
    void prepare(HostDevices& host, xen::Store& store) override;
    [[nodiscard]] DeviceKeys describe() const override;
    void plug(HostDevices& host, xen::Store& store, const Address& device) override;

  private:
    void refuse_sharing(HostDevices& host, xen::Store& store) const;

    DiskSpec spec_;
    std::string script_; // of its own, absolute; or none
    bool is_qemus_;
    DomId backend_ = kDom0;
    std::unique_ptr<HeldDisk> held_; // none: a drive without a medium, or its script has it
};

} // namespace pvh::device
