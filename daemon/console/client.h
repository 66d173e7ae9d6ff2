// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection: a line of JSON-RPC that says which console, a line that answers, then bytes.
#pragma once

#include "daemon/asio.h"
#include "daemon/console/guest_console.h"
#include "daemon/peer.h"
#include "rpc/messages.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace pvh::console {

/// What a client asked for: a domain that lives, or one that has ended.
struct Source {
    rpc::Identity domain;
    std::shared_ptr<History> history;
    std::shared_ptr<GuestConsole> console; // null: ended
};

class Client : public std::enable_shared_from_this<Client> {
  public:
    /// Throws Errc::not_found.
    using FindSource = std::function<Source(const rpc::Selector&)>;

    Client(daemon::asio::io_context& loop, daemon::UnixSocket socket, const daemon::Peer& peer,
           Seats::Id id);

    /// Serves it until it has all it asked for, or goes.
    daemon::Task<void> run(FindSource find);

    void close();

    /// Whose console it is at; null: none that lives.
    [[nodiscard]] const GuestConsole* console() const { return source_.console.get(); }

  private:
    daemon::Task<std::string> read_request();
    nlohmann::json attach(const std::string& line, const FindSource& find);
    rpc::ConsoleAttachResult enter();
    daemon::Task<void> show();
    daemon::Task<void> watch_hangup();
    daemon::Task<void> read_input();
    daemon::Task<void> take_input(std::string bytes);
    daemon::Task<void> write(std::string bytes);
    void tell(const std::string& text);

    daemon::asio::io_context& loop_;
    daemon::UnixSocket socket_;
    daemon::Peer peer_;
    Seats::Id id_;
    rpc::ConsoleAttachParams params_;
    Source source_;
    std::string early_input_; // that came with the request
    std::string notice_;      // to be shown before the next output
    std::uint64_t position_{0};
    std::uint64_t stop_at_{0}; // if it does not follow
    bool is_told_{false};      // that what it types goes nowhere
    bool is_closed_{false};
};

} // namespace pvh::console
