// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"
#include "daemon/console/guest_console.h"
#include "daemon/listener.h"

#include <memory>
#include <optional>
#include <string>

namespace pvh::console {

/// Where programs in dom0 reach a channel: one client at a time, others wait in line, as with
/// QEMU's. What no client has taken is the next one's, as far as it is kept.
class ChannelSocket : public std::enable_shared_from_this<ChannelSocket> {
  public:
    /// Listens. Throws Errc::busy if somebody else does.
    ChannelSocket(daemon::asio::io_context& loop, const std::string& path,
                  std::shared_ptr<GuestConsole> console);

    void start();
    /// Nobody can come any more. Who is there has a moment for the last words of the guest.
    void close();

  private:
    /// Of one client.
    struct Visit {
        explicit Visit(daemon::UnixSocket accepted) : socket{std::move(accepted)} {}

        daemon::UnixSocket socket;
        std::optional<daemon::Clock::time_point> left_at; // hung up; what it sent may be unread
        bool is_read_out{false};
    };

    using VisitPtr = std::shared_ptr<Visit>;

    daemon::Task<void> accept_clients();
    daemon::Task<void> host(VisitPtr visit);
    daemon::Task<void> show(VisitPtr visit);
    daemon::Task<void> watch_hangup(VisitPtr visit);
    daemon::Task<void> read_input(VisitPtr visit);
    daemon::Task<void> hang_up_soon(VisitPtr visit);

    daemon::asio::io_context& loop_;
    std::string path_;
    std::shared_ptr<GuestConsole> console_;
    std::optional<daemon::Listener> listener_; // removes the path
    daemon::asio::local::stream_protocol::acceptor acceptor_;
    VisitPtr visit_; // who is there
    std::uint64_t position_{0};
};

} // namespace pvh::console
