// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/linux/medium.h"

#include <string>

namespace pvh::host {

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
