// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"
#include "daemon/listener.h"
#include "daemon/roles.h"
#include "daemon/session.h"
#include "daemon/toolstack.h"
#include "rpc/limits.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace pvh::daemon {

/// Who is let in, and how many.
struct Admission {
    std::optional<Roles> roles; // nothing: by the socket's group
    std::size_t max_connections = rpc::kMaxConnections;
};

/// Accepts clients, refuses those that may not or are too many, and keeps the others' sessions.
class Server {
  public:
    Server(Toolstack& toolstack, Listener listener, const SessionLimits& limits,
           Admission admission);

    void start();

    /// Holds for who comes from now on; who is here keeps what it had.
    void admit(Admission admission) { admission_ = std::move(admission); }

    /// Accepts nobody any more and reads no more requests; those under way are still answered.
    void stop();
    /// Closes what stop() left open.
    void close_all();

    [[nodiscard]] std::size_t connections() const { return sessions_.size(); }

  private:
    Task<void> accept_clients();
    void welcome(UnixSocket socket);
    void close_idle();
    void require_room(const Peer& peer) const;
    [[nodiscard]] std::shared_ptr<UserShare> share_of(const Peer& peer) const;
    Task<void> host(std::shared_ptr<Session> session);

    Toolstack& toolstack_;
    Listener listener_;
    SessionLimits limits_;
    Admission admission_;
    asio::local::stream_protocol::acceptor acceptor_;
    std::set<std::shared_ptr<Session>> sessions_;
    bool is_stopped_{false};
};

} // namespace pvh::daemon
