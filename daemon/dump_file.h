// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/unique_handle.h"

#include <cstdint>
#include <string>

namespace pvh::daemon {

/// A file that appears under its name only when it is whole; until then it has none, so that who
/// is killed leaves nothing. On file systems where a file must have a name it is .dump-UUID in the
/// same folder.   [open(2), O_TMPFILE]
class DumpFile {
  public:
    enum class IfThere { refuse, replace };

    /// An empty file of mode 0600. Throws invalid_config unless `path` is absolute, already_exists
    /// if it is there and to be refused, not_found or permission_denied of its folder.
    DumpFile(std::string path, IfThere if_there);
    DumpFile(const DumpFile&) = delete;
    DumpFile& operator=(const DumpFile&) = delete;
    ~DumpFile();

    /// Those that a pvhd which was killed has left in this folder.
    static void remove_parts(const std::string& folder);

    [[nodiscard]] int fd() const { return fd_.get(); }

    /// Throws bad_state unless the file system has so many bytes for it.
    void require_room(std::uint64_t bytes) const;
    /// What it takes of the disk.
    [[nodiscard]] std::uint64_t disk_bytes() const;
    /// It is whole: gives it its name, once the disk has it. Throws already_exists if somebody
    /// else took the name meanwhile.
    void keep();

  private:
    void open();
    /// Throws already_exists.
    void link_to(const std::string& path) const;
    void take_place();

    std::string path_;
    std::string part_; // its name until it is whole
    IfThere if_there_;
    UniqueFd fd_;
    bool has_part_{false};
};

} // namespace pvh::daemon
