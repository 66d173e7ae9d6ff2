// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/dump_file.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/uuid.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace pvh::daemon {

namespace {

constexpr const char* kPartPrefix = ".dump-";
constexpr mode_t kMode = 0600; // a guest's memory is nobody else's to read

std::string folder_of(const std::string& path) {
    return std::filesystem::path{path}.parent_path().string();
}

Error refusal_of(const std::string& path) {
    return Error{Errc::already_exists, fmt::format("{} is there already", path)}.with_hint(
        "remove it, or choose another name");
}

[[noreturn]] void throw_file_error(const std::string& operation, int err) {
    const Errc code = err == ENOENT || err == ENOTDIR                 ? Errc::not_found
                      : err == EACCES || err == EPERM || err == EROFS ? Errc::permission_denied
                      : err == ENOSPC || err == EDQUOT                ? Errc::bad_state
                                                                      : Errc::internal;
    throw Error{code, operation, err};
}

void require_usable(const std::string& path) {
    const bool is_usable = path.starts_with('/') && !path.ends_with('/') && !path.ends_with("/.") &&
                           !path.ends_with("/..") && path.find('\0') == std::string::npos;
    if (!is_usable)
        throw Error{Errc::invalid_config,
                    fmt::format("\"{}\" is no absolute path of a file", path)};
}

} // namespace

DumpFile::DumpFile(std::string path, IfThere if_there)
    : path_{std::move(path)}, if_there_{if_there} {
    require_usable(path_);
    // Nobody else's: it is removed, and renamed over.
    part_ = fmt::format("{}/{}{}", folder_of(path_), kPartPrefix, to_string(random_uuid()));

    struct stat st {};

    if (if_there_ == IfThere::refuse && ::lstat(path_.c_str(), &st) == 0) throw refusal_of(path_);
    open();
}

void DumpFile::open() {
    fd_ = UniqueFd{::open(folder_of(path_).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kMode)};
    if (fd_) return;
    // EISDIR: of a kernel or file system that has not heard of it.
    if (errno != EOPNOTSUPP && errno != EISDIR)
        throw_file_error(fmt::format("make a file in {}", folder_of(path_)), errno);
    fd_ =
        UniqueFd{::open(part_.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, kMode)};
    if (!fd_) throw_file_error(fmt::format("make {}", part_), errno);
    has_part_ = true;
}

DumpFile::~DumpFile() {
    if (has_part_ && ::unlink(part_.c_str()) != 0)
        log::warn("remove {}: {}", part_, std::generic_category().message(errno));
}

void DumpFile::remove_parts(const std::string& folder) {
    std::error_code failure;
    for (std::filesystem::directory_iterator file{folder, failure}, end; !failure && file != end;
         file.increment(failure)) {
        const std::string name = file->path().filename().string();
        std::error_code ignored;
        if (!name.starts_with(kPartPrefix) || !file->is_regular_file(ignored)) continue;
        log::info("removing {}, a core dump that was cut short", file->path().string());
        std::filesystem::remove(file->path(), ignored);
    }
}

void DumpFile::require_room(std::uint64_t bytes) const {
    struct statvfs fs {};

    if (::fstatvfs(fd_.get(), &fs) != 0)
        throw_file_error(fmt::format("ask for the free space of {}", folder_of(path_)), errno);
    if (fs.f_blocks == 0) return; // it does not count
    const std::uint64_t free = std::uint64_t{fs.f_bavail} * fs.f_frsize;
    if (bytes <= free) return;
    constexpr std::uint64_t kMiBytes = 1024ULL * 1024;
    throw Error{Errc::bad_state,
                fmt::format("a core dump may take {} MiB, and {} has {} MiB free",
                            (bytes + kMiBytes - 1) / kMiBytes, folder_of(path_), free / kMiBytes)};
}

std::uint64_t DumpFile::disk_bytes() const {
    struct stat st {};

    if (::fstat(fd_.get(), &st) != 0) return 0;
    return static_cast<std::uint64_t>(st.st_blocks) * 512;
}

void DumpFile::keep() {
    if (::fdatasync(fd_.get()) != 0)
        throw_file_error(fmt::format("write {} to the disk", path_), errno);
    if (if_there_ == IfThere::replace || has_part_)
        take_place();
    else
        link_to(path_);
}

void DumpFile::link_to(const std::string& path) const {
    const std::string self = fmt::format("/proc/self/fd/{}", fd_.get());
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) return;
    if (errno == EEXIST) throw refusal_of(path);
    throw_file_error(fmt::format("name a file {}", path), errno);
}

void DumpFile::take_place() {
    if (!has_part_) link_to(part_);
    has_part_ = true;
    const bool refuses = if_there_ == IfThere::refuse;
    const auto rename = [&](unsigned flags) {
        return ::renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, path_.c_str(), flags) == 0;
    };
    bool is_done = rename(refuses ? RENAME_NOREPLACE : 0);
    if (!is_done && refuses && errno == EINVAL) // NFS knows no such flag
        is_done = ::link(part_.c_str(), path_.c_str()) == 0 && ::unlink(part_.c_str()) == 0;
    if (!is_done && errno == EEXIST) throw refusal_of(path_);
    if (!is_done) throw_file_error(fmt::format("rename {} to {}", part_, path_), errno);
    has_part_ = false;
}

} // namespace pvh::daemon
