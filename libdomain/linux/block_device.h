// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/unique_handle.h"
#include "libdomain/device/host_devices.h"
#include "libdomain/linux/disk_claim.h"

#include <memory>
#include <string>
#include <vector>

namespace pvh::host {

/// A block device that is open, or an image that QEMU will open itself.
class BlockDevice final : public device::HeldDisk {
  public:
    BlockDevice(UniqueFd fd, std::string path, const Medium& medium, DiskClaim claim)
        : fd_{std::move(fd)}, path_{std::move(path)}, medium_{medium}, claim_{std::move(claim)} {}

    [[nodiscard]] std::string path() const override { return path_; }

    [[nodiscard]] std::string number() const override;

    [[nodiscard]] const Medium& medium() const { return medium_; }

  private:
    UniqueFd fd_;
    std::string path_;
    Medium medium_;
    DiskClaim claim_;
};

/// Opens a block device, or makes a loop device of a regular file unless QEMU reads it. Errors name
/// the path.
std::unique_ptr<BlockDevice> open_block_device(const DiskSpec& disk);

/// Gives a loop device up that does not go by itself: at once, or with its last user.
void release_loop(const std::string& path) noexcept;

/// Of those that are served by dom0's kernel, and loop devices.
std::vector<device::DiskUser> find_other_users(const BlockDevice& device);

} // namespace pvh::host
