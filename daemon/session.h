// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection: requests come in lines, may overlap, and are answered as they get done.
#pragma once

#include "daemon/asio.h"
#include "daemon/change_signal.h"
#include "daemon/outlet.h"
#include "daemon/peer.h"
#include "daemon/toolstack.h"
#include "rpc/framing.h"
#include "rpc/jsonrpc.h"
#include "rpc/limits.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/types.h>

namespace pvh::daemon {

/// What one client may cost. The defaults are the protocol's; tests have less patience.
struct SessionLimits {
    std::size_t write_queue = rpc::kMaxWriteQueue;
    std::chrono::milliseconds partial_line = rpc::kPartialLineTimeout;
    std::chrono::milliseconds write_stall = rpc::kWriteStallTimeout;
    std::chrono::milliseconds idle = rpc::kIdleTimeout; // when connections are scarce
};

class Session;

/// What all connections of one user have under way, and may. Unless the user is root they take
/// turns: one request of theirs is begun each time the loop comes round, so that however many a
/// user sends, others are served in between.
struct UserShare {
    std::size_t most{};
    bool has_turns{};
    std::size_t in_flight{};
    ChangeSignal changed{};
    std::deque<Session*> line{}; // whose turn it is, and who comes then
};

class Session : public Outlet, public std::enable_shared_from_this<Session> {
  public:
    Session(Toolstack& toolstack, UnixSocket socket, const Peer& peer, const SessionLimits& limits,
            std::shared_ptr<UserShare> share);

    /// Serves the client until it goes, misbehaves, or finish() was called; returns when nothing is
    /// left to answer.
    Task<void> run();

    /// Reads no more; what is under way is still answered.
    void finish();
    /// At once; what is under way goes on unanswered.
    void close();
    /// Closes it if nothing was said since `moment` and nobody waits for anything: no request is
    /// under way, no answer is left to be taken, no subscription lasts. Returns whether it did.
    bool close_if_idle_since(Clock::time_point moment);

    [[nodiscard]] uid_t uid() const { return peer_->uid; }

    [[nodiscard]] const std::shared_ptr<UserShare>& share() const { return share_; }

    [[nodiscard]] bool is_open() const override;
    void send(const nlohmann::json& message) override;
    Task<void> room() override;
    void keep_for(Task<void> task) override;

  private:
    /// Replies of a batch, sent when none is missing.
    struct Batch {
        std::size_t missing{};
        std::string replies{}; // with commas between them
    };

    Task<void> read_requests();
    Task<void> take_lines();
    Task<void> take_line(std::string line);
    Task<void> start(rpc::Incoming incoming);
    Task<void> take_turn();
    Task<void> serve(rpc::Entry entry, std::shared_ptr<Batch> batch);
    void deliver(std::optional<nlohmann::json> reply, const std::shared_ptr<Batch>& batch);
    void add_reply(Batch& batch, const nlohmann::json& reply) const;
    void send_line(std::string line);
    [[nodiscard]] bool is_full(std::size_t more) const;
    void tell_progress();
    Task<void> drain();
    Task<void> watch_hangup();

    Task<void> run_kept(Task<void> task);
    Task<void> write_lines();
    void arm(asio::steady_timer& timer, std::chrono::milliseconds patience, const char* complaint);
    void drop(const char* complaint);

    Toolstack& toolstack_;
    UnixSocket socket_;
    std::shared_ptr<Peer> peer_;
    SessionLimits limits_;
    std::shared_ptr<UserShare> share_;
    rpc::LineSplitter lines_{rpc::kMaxLine};
    asio::steady_timer partial_timer_;
    asio::steady_timer write_timer_;
    ChangeSignal progress_;                     // a request answered, a line written, closed
    Clock::time_point last_word_{Clock::now()}; // of either side
    ChangeSignal turn_;
    std::size_t in_flight_{0};
    std::deque<std::string> outbox_;
    std::size_t outbox_bytes_{0};
    bool is_kept_{false}; // by keep_for()
    bool is_partial_timed_{false};
    bool is_writing_{false};
    bool is_finishing_{false};
    bool is_closed_{false};
};

} // namespace pvh::daemon
