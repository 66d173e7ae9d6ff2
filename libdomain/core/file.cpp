// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/file.h"

#include "libdomain/core/error.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/core/unique_handle.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace pvh {

namespace {

Errc code_for_open(int err) {
    if (err == ENOENT || err == ENOTDIR) return Errc::not_found;
    if (err == EACCES || err == EPERM) return Errc::permission_denied;
    return Errc::invalid_config;
}

const char* kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a directory";
    if (S_ISFIFO(mode)) return "a FIFO";
    if (S_ISCHR(mode)) return "a character device";
    if (S_ISBLK(mode)) return "a block device";
    if (S_ISSOCK(mode)) return "a socket";
    return "no regular file";
}

std::int64_t nanoseconds(const timespec& t) {
    return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

FileIdentity identity_of(const struct stat& st) {
    return {.device = st.st_dev,
            .inode = st.st_ino,
            .size = static_cast<std::uint64_t>(st.st_size),
            .mtime_ns = nanoseconds(st.st_mtim),
            .ctime_ns = nanoseconds(st.st_ctim)};
}

struct OpenFile {
    UniqueFd fd;

    struct stat st {};
};

OpenFile open_regular(const std::string& path, std::string_view role) {
    // O_NONBLOCK: opening a FIFO without a writer must not wait. It has no effect on regular files.
    OpenFile file{.fd =
                      UniqueFd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)}};
    if (!file.fd)
        throw Error{code_for_open(errno), fmt::format("cannot open {} {}", role, path), errno};
    if (::fstat(file.fd.get(), &file.st) != 0)
        throw Error{Errc::internal, fmt::format("fstat {}", path), errno};
    if (!S_ISREG(file.st.st_mode))
        throw Error{Errc::invalid_config, fmt::format("{} {} is {}, a regular file is wanted", role,
                                                      path, kind_of(file.st.st_mode))};
    return file;
}

void write_all(int fd, std::string_view content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t done = ::write(fd, content.data(), content.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) throw Error{Errc::internal, fmt::format("write {}", path), errno};
        content.remove_prefix(static_cast<std::size_t>(done));
    }
}

void sync_folder(const std::filesystem::path& folder) {
    const std::filesystem::path named = folder.empty() ? "." : folder; // parent of a bare name
    const UniqueFd fd{::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!fd || ::fsync(fd.get()) != 0)
        throw Error{Errc::internal, fmt::format("fsync {}", named.string()), errno};
}

} // namespace

Bytes read_regular_file(const std::string& path, std::uint64_t cap, std::string_view role) {
    const OpenFile file = open_regular(path, role);
    const auto size = static_cast<std::uint64_t>(file.st.st_size);
    if (size > cap)
        throw Error{Errc::invalid_config, fmt::format("{} {} has {} bytes, at most {} are accepted",
                                                      role, path, size, cap)};
    Bytes content(size);
    std::uint64_t done = 0;
    while (done < size) {
        const ssize_t got = ::read(file.fd.get(), content.data() + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error{Errc::internal, fmt::format("read {} {}", role, path), errno};
        if (got == 0) break; // it shrank under us: what was read is what we judge
        done += static_cast<std::uint64_t>(got);
    }
    content.resize(done);
    return content;
}

FileIdentity identify_file(const std::string& path, std::string_view role) {
    return identity_of(open_regular(path, role).st);
}

void write_file_atomically(const std::string& path, std::string_view content, unsigned mode) {
    const std::filesystem::path target{path};
    const std::string temporary = path + ".new";
    UniqueFd fd{
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)};
    if (!fd) throw Error{Errc::internal, fmt::format("create {}", temporary), errno};
    ScopeExit unless_renamed{[&temporary] { ::unlink(temporary.c_str()); }};
    write_all(fd.get(), content, temporary);
    if (::fsync(fd.get()) != 0)
        throw Error{Errc::internal, fmt::format("fsync {}", temporary), errno};
    fd.reset();
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        throw Error{Errc::internal, fmt::format("rename {} to {}", temporary, path), errno};
    unless_renamed.dismiss();
    sync_folder(target.parent_path());
}

} // namespace pvh
