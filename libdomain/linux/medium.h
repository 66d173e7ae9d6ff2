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
    friend bool operator==(const Medium&, const Medium&) = default;
};

/// Whether the two have bytes in common: one file, one device, or a disk and a partition of it.
bool overlaps(const Medium& a, const Medium& b);

/// What is open behind /proc/PID/fd/N, of whatever process. The storage is not asked: one that does
/// not answer would hold us up without an end.
Medium medium_of_open(const std::string& link);

/// For a record: "8:1" of a block device, "8:1/42" of a file.
std::string text_of(const Medium& medium);
/// Of nothing else a medium that overlaps no other.
Medium parse_medium(const std::string& text);

/// "8:1", in this base; what stands behind that is not read.
std::optional<dev_t> parse_device_number(const std::string& text, int base);

} // namespace pvh::host
