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
    BlockDevice(UniqueFd fd, std::string path, const Medium& medium, std::string identity,
                DiskClaim claim)
        : fd_{std::move(fd)}, path_{std::move(path)}, medium_{medium},
          identity_{std::move(identity)}, claim_{std::move(claim)} {}

    [[nodiscard]] std::string path() const override { return path_; }

    [[nodiscard]] std::string number() const override;

    [[nodiscard]] std::string identity() const override { return identity_; }

    [[nodiscard]] const Medium& medium() const { return medium_; }

    /// Of the file whose bytes it shows, without symbolic links.
    [[nodiscard]] std::string file_path() const;

  private:
    UniqueFd fd_;
    std::string path_;
    Medium medium_;
    std::string identity_; // of a loop device that we made: of this use of it
    DiskClaim claim_;
};

/// Opens a block device, or makes a loop device of a regular file unless QEMU reads it. Errors name
/// the path.
std::unique_ptr<BlockDevice> open_block_device(const DiskSpec& disk);

/// Whether a loop device of ours, by its folder in sysfs, is free again, or another's already. An
/// empty identity is that of one that was noted nowhere.
bool is_given_up(const std::string& folder, const std::string& identity);

/// Gives a loop device up that does not go by itself: at once, or with its last user.
void release_loop(const std::string& path) noexcept;

/// Of those that are served by dom0's kernel, and loop devices.
std::vector<device::DiskUser> find_other_users(const BlockDevice& device);

} // namespace pvh::host
