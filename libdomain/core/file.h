// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/bytes_view.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace pvh {

/// What tells one version of a file from another: a change of any of these means "read it again".
struct FileIdentity {
    std::uint64_t device{};
    std::uint64_t inode{};
    std::uint64_t size{};
    std::int64_t mtime_ns{};
    std::int64_t ctime_ns{};
    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// Reads a whole regular file once into private memory, so that nobody can change it under us.
/// `role` ("kernel", "ramdisk", "config") heads each message. Refuses whatever is no regular file
/// (a FIFO is not waited for), and files above `cap` bytes. Throws Errc::not_found,
/// permission_denied, or invalid_config for a file of the wrong kind or size.
Bytes read_regular_file(const std::string& path, std::uint64_t cap, std::string_view role);

/// Identity of the file as it is now; same errors as read_regular_file.
FileIdentity identify_file(const std::string& path, std::string_view role);

/// Writes a file so that after a crash either the old or the new content is there, whole:
/// temporary, fsync, rename, fsync of the folder.
void write_file_atomically(const std::string& path, std::string_view content, unsigned mode);

} // namespace pvh
