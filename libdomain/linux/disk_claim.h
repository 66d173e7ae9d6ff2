// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace pvh::host {

struct FileId {
    dev_t device{};
    ino_t inode{};
    friend bool operator==(const FileId&, const FileId&) = default;
};

/// Whose bytes a disk shows.
struct Medium {
    dev_t device{};             // a block device; none if only a file is known
    std::optional<FileId> file; // behind a loop device
};

/// Whether the two have bytes in common: one file, one device, or a disk and a partition of it.
bool overlaps(const Medium& a, const Medium& b);

/// What this process is about to give to backends, by all its threads: until they have it, nobody
/// else can tell.
class DiskClaim {
  public:
    /// Many may read, or one may write: throws busy, naming `target`.
    DiskClaim(const std::string& target, const Medium& medium, bool is_writable);
    DiskClaim(DiskClaim&& other) noexcept;
    DiskClaim& operator=(DiskClaim&&) = delete;
    DiskClaim(const DiskClaim&) = delete;
    DiskClaim& operator=(const DiskClaim&) = delete;
    ~DiskClaim();

  private:
    unsigned number_; // 0: moved from
};

} // namespace pvh::host
