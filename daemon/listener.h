// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/unique_handle.h"

#include <optional>
#include <string>

#include <sys/types.h>

namespace pvh::daemon {

/// A socket that listens. One that we made is removed with it; one that systemd made is systemd's.
class Listener {
  public:
    /// The socket that systemd passed, else makes `path`: folder 0755 if absent, socket 0660, of
    /// `group` if there is such a group. Whether a socket that is there already is stale is found
    /// by connecting to it. Throws Errc::busy naming the pid if it is alive.   [sd_listen_fds(3)]
    static Listener open(const std::string& path, const std::string& group);
    /// Makes `path`, for root alone, in a folder that is there. A dead socket there is replaced.
    static Listener make(const std::string& path);

    Listener(Listener&&) noexcept = default;
    Listener& operator=(Listener&&) = delete;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    /// Hands the descriptor over; the path is still removed by this object.
    [[nodiscard]] int release_fd() { return fd_.release(); }

    /// Whose members may connect; nothing if the socket has no group but root's.
    [[nodiscard]] std::optional<gid_t> group() const { return group_; }

  private:
    static Listener bind_at(const std::string& path);
    void listen() const;

    Listener(UniqueFd fd, std::string own_path, std::optional<gid_t> group);

    UniqueFd fd_;
    std::string own_path_; // empty: not ours
    std::optional<gid_t> group_;
};

} // namespace pvh::daemon
