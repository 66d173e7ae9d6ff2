// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/unique_handle.h"
#include "libdomain/device/host_devices.h"

#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

namespace pvh::host {

/// A block device that is open.
class BlockDevice final : public device::HeldDisk {
  public:
    struct FileId {
        dev_t device{};
        ino_t inode{};
        friend bool operator==(const FileId&, const FileId&) = default;
    };

    BlockDevice(UniqueFd fd, std::string path, dev_t number, std::optional<FileId> file)
        : fd_{std::move(fd)}, path_{std::move(path)}, number_{number}, file_{file} {}

    [[nodiscard]] std::string path() const override { return path_; }

    [[nodiscard]] std::string number() const override;

    [[nodiscard]] dev_t device() const { return number_; }

    /// Behind a loop device that we made: what two users of the same have in common.
    [[nodiscard]] const std::optional<FileId>& file() const { return file_; }

  private:
    UniqueFd fd_;
    std::string path_;
    dev_t number_;
    std::optional<FileId> file_;
};

/// Opens a block device, or makes a loop device of a regular file. Errors name the path.
std::unique_ptr<BlockDevice> open_block_device(const DiskSpec& disk);

std::vector<device::DiskUser> find_other_users(const BlockDevice& device);

} // namespace pvh::host
