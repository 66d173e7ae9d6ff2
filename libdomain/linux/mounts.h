// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/linux/medium.h"

#include <string>
#include <vector>

#include <sys/types.h>

namespace pvh::host {

/// A line of /proc/PID/mountinfo.   [proc(5)]
struct Mount {
    dev_t file_system{}; // its number
    std::string place;
    std::string source; // "/dev/sda1", where it is a block device
    bool is_writable{}; // the file system, whatever this mount of it allows
};

std::vector<Mount> parse_mounts(const std::string& text);

/// Of this process, in the order in which they came: later ones cover earlier ones.
std::vector<Mount> read_mounts();

/// What an absolute path without symbolic links is on, by these words alone: no file system is
/// asked, as one may not answer. 0 if none of them is.
dev_t file_system_at(const std::vector<Mount>& mounts, const std::string& path);

/// One by which what a block device shows may change; null if there is none.
const Mount* find_writable(const std::vector<Mount>& mounts, const Medium& medium);

} // namespace pvh::host
