// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"
#include "libdomain/core/unique_handle.h"

#include <string>

namespace pvh::console {

/// A pseudo-terminal as xenconsoled makes it, for xl console and whatever else opens console/tty:
/// raw, and with its other side held open, so that clients may come and go.
class Pty {
  public:
    explicit Pty(daemon::asio::io_context& loop);

    [[nodiscard]] const std::string& path() const { return path_; }

    /// Ours; non-blocking.
    [[nodiscard]] daemon::asio::posix::stream_descriptor& master() { return master_; }

    /// Whether a client has something left to read.
    [[nodiscard]] bool has_unread() const;

  private:
    daemon::asio::posix::stream_descriptor master_;
    UniqueFd slave_;
    std::string path_;
};

} // namespace pvh::console
