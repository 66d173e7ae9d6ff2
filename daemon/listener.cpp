// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/listener.h"

#include "daemon/account_names.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "rpc/unix_address.h"

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace pvh::daemon {

namespace {

namespace fs = std::filesystem;

UniqueFd make_socket() {
    UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!fd) throw Error{Errc::internal, "create a socket", errno};
    return fd;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

pid_t owner_of(int connected) {
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    if (::getsockopt(connected, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return 0;
    return credentials.pid;
}

/// Removes what a dead daemon left; throws if it is alive, or no socket at all.
void remove_stale(const std::string& path) {
    struct stat st {};

    if (::lstat(path.c_str(), &st) != 0) return;
    if (!S_ISSOCK(st.st_mode))
        throw Error{Errc::already_exists, fmt::format("{} exists and is no socket", path)}
            .with_hint("move it away, or name another path");
    const UniqueFd probe = make_socket();
    const sockaddr_un address = rpc::unix_address(path);
    const bool is_served = ::connect(probe.get(), generic(address), sizeof(address)) == 0;
    if (is_served || errno == EAGAIN) // EAGAIN: alive, with a full backlog
        throw Error{Errc::busy,
                    fmt::format("socket {} is already served{}", path,
                                is_served ? fmt::format(" by pid {}", owner_of(probe.get())) : "")}
            .with_hint("stop that one first, or name another path");
    if (errno != ECONNREFUSED)
        throw Error{Errc::internal, fmt::format("try socket {}", path), errno};
    log::info("removing the socket {}, which nobody serves", path);
    if (::unlink(path.c_str()) != 0)
        throw Error{Errc::internal, fmt::format("remove {}", path), errno};
}

void make_folder(const std::string& path) {
    const fs::path folder = fs::path{path}.parent_path();
    if (folder.empty() || fs::exists(folder)) return;
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (!failure) fs::permissions(folder, fs::perms{0755}, failure);
    if (failure)
        throw Error{Errc::internal, fmt::format("make the folder {}", folder.string()),
                    failure.value()}
            .with_hint("run pvhd as root, or name another path with --socket");
}

/// bind() with nobody but the owner allowed until the rights are set.
void bind_privately(int fd, const std::string& path) {
    const sockaddr_un address = rpc::unix_address(path);
    const mode_t before = ::umask(0177);
    const int done = ::bind(fd, generic(address), sizeof(address));
    const int failure = errno;
    ::umask(before);
    if (done != 0) throw Error{Errc::internal, fmt::format("bind {}", path), failure};
}

std::optional<gid_t> give_to_group(const std::string& path, const std::string& group) {
    const auto gid = find_group(group);
    if (gid && ::chown(path.c_str(), static_cast<uid_t>(-1), *gid) != 0) {
        log::warn("give {} to group {}: {}", path, group, std::generic_category().message(errno));
        return std::nullopt;
    }
    if (::chmod(path.c_str(), 0660) != 0)
        throw Error{Errc::internal, fmt::format("set the mode of {}", path), errno};
    return gid;
}

std::optional<gid_t> group_of_socket(int fd) {
    sockaddr_un address{};
    socklen_t size = sizeof(address);

    struct stat st {};

    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
    if (::stat(std::data(address.sun_path), &st) != 0 || st.st_gid == 0) return std::nullopt;
    return st.st_gid;
}

std::optional<UniqueFd> socket_of_systemd() {
    const int count = sd_listen_fds(1);
    if (count <= 0) return std::nullopt;
    if (count > 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, nullptr, 0) <= 0)
        throw Error{Errc::invalid_config,
                    "systemd passed something other than one Unix stream socket"}
            .with_hint("its socket unit needs one ListenStream= with a path");
    return UniqueFd{SD_LISTEN_FDS_START};
}

} // namespace

Listener Listener::open(const std::string& path, const std::string& group) {
    if (auto passed = socket_of_systemd()) {
        const auto gid = group_of_socket(passed->get());
        return {*std::move(passed), "", gid};
    }
    make_folder(path);
    Listener listener = bind_at(path);
    listener.group_ = give_to_group(path, group);
    listener.listen();
    return listener;
}

Listener Listener::make(const std::string& path) {
    Listener listener = bind_at(path);
    listener.listen();
    return listener;
}

Listener Listener::bind_at(const std::string& path) {
    remove_stale(path);
    UniqueFd fd = make_socket();
    bind_privately(fd.get(), path);
    return {std::move(fd), path, std::nullopt}; // from here on the path is removed with it
}

void Listener::listen() const {
    if (::listen(fd_.get(), SOMAXCONN) != 0)
        throw Error{Errc::internal, fmt::format("listen on {}", own_path_), errno};
}

Listener::Listener(UniqueFd fd, std::string own_path, std::optional<gid_t> group)
    : fd_{std::move(fd)}, own_path_{std::move(own_path)}, group_{group} {}

Listener::~Listener() {
    // A moved-from std::string of a path is empty.
    if (!own_path_.empty()) ::unlink(own_path_.c_str());
}

} // namespace pvh::daemon
