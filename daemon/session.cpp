// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/session.h"

#include "daemon/dispatch.h"
#include "daemon/spawn.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "rpc/parse.h"

#include <array>
#include <exception>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

/// What may wait for a subscriber before it gets more: events stay in their log instead.
constexpr std::size_t kFullOutbox = 64UL * 1024;

bool is_blank(const std::string& line) {
    return line.find_first_not_of(" \t\r") == std::string::npos;
}

void disarm(asio::steady_timer& timer) {
    timer.expires_at(Clock::time_point::max());
}

} // namespace

Session::Session(Toolstack& toolstack, UnixSocket socket, const Peer& peer,
                 const SessionLimits& limits, std::shared_ptr<UserShare> share)
    : toolstack_{toolstack}, socket_{std::move(socket)}, peer_{std::make_shared<Peer>(peer)},
      limits_{limits}, share_{std::move(share)}, partial_timer_{toolstack.loop},
      write_timer_{toolstack.loop} {}

Task<void> Session::run() {
    const auto self = shared_from_this();
    spawn(toolstack_.loop, "watch a connection", watch_hangup());
    try {
        co_await read_requests();
    } catch (const rpc::ProtocolError& e) { // the stream of lines itself is broken
        send(rpc::make_error_reply(nullptr, e));
    } catch (const std::exception& e) {
        log::error("serve the client {}: {}", peer_->describe(), e.what());
    }
    disarm(partial_timer_);
    co_await drain();
    close();
}

void Session::finish() {
    is_finishing_ = true;
    boost::system::error_code ignored; // it may be closed already
    socket_.shutdown(UnixSocket::shutdown_receive, ignored);
    progress_.notify();
}

void Session::close() {
    if (std::exchange(is_closed_, true)) return;
    peer_->is_connected = false;
    boost::system::error_code ignored;
    socket_.close(ignored);
    disarm(partial_timer_);
    disarm(write_timer_);
    if (outbox_.size() > 1) outbox_.resize(1); // the one that is being written
    tell_progress();
    toolstack_.changed.notify(); // those who wait on its behalf look whether it is still there
}

bool Session::close_if_idle_since(Clock::time_point moment) {
    if (in_flight_ > 0 || is_kept_ || !outbox_.empty() || last_word_ > moment) return false;
    drop("others want to connect, and it has been idle for long");
    return true;
}

Task<void> Session::read_requests() {
    std::array<char, 16UL * 1024> chunk{};
    while (!is_finishing_ && !is_closed_) {
        boost::system::error_code failure;
        const std::size_t got = co_await socket_.async_read_some(
            asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, failure));
        if (failure) co_return; // the end, or we closed it
        last_word_ = Clock::now();
        lines_.append({chunk.data(), got});
        co_await take_lines();
    }
}

Task<void> Session::take_lines() {
    while (auto line = lines_.next()) {
        if (std::exchange(is_partial_timed_, false)) disarm(partial_timer_);
        co_await take_line(*std::move(line));
        if (is_closed_) co_return;
    }
    if (!lines_.has_partial() || is_partial_timed_) co_return;
    is_partial_timed_ = true;
    arm(partial_timer_, limits_.partial_line, "it began a line and did not end it");
}

Task<void> Session::take_line(std::string line) {
    if (is_blank(line)) co_return;
    std::optional<rpc::Incoming> incoming;
    try {
        incoming = rpc::read_line(line);
    } catch (const rpc::ProtocolError& e) {
        send(rpc::make_error_reply(nullptr, e));
    }
    if (!incoming) co_return;
    // Who has too much under way is simply not read from.
    while (is_full(incoming->entries.size()) && !is_closed_)
        co_await share_->changed.wait();
    if (!is_closed_) co_await start(*std::move(incoming));
}

bool Session::is_full(std::size_t more) const {
    return in_flight_ + more > rpc::kMaxInFlight || share_->in_flight + more > share_->most;
}

void Session::tell_progress() {
    progress_.notify();
    share_->changed.notify();
}

Task<void> Session::start(rpc::Incoming incoming) {
    std::shared_ptr<Batch> batch;
    if (incoming.is_batch)
        batch = std::make_shared<Batch>(Batch{.missing = incoming.entries.size()});
    for (rpc::Entry& entry : incoming.entries) {
        co_await take_turn();
        ++in_flight_;
        ++share_->in_flight;
        spawn(toolstack_.loop, "serve a request", serve(std::move(entry), batch));
    }
}

Task<void> Session::take_turn() {
    auto& line = share_->line;
    if (!share_->has_turns) co_return;
    line.push_back(this);
    while (line.front() != this)
        co_await turn_.wait();
    co_await asio::post(toolstack_.loop, asio::use_awaitable); // behind what others have ready
    line.pop_front();
    if (!line.empty()) line.front()->turn_.notify();
}

Task<void> Session::serve(rpc::Entry entry, std::shared_ptr<Batch> batch) {
    const auto self = shared_from_this();
    const RunningMark mark{toolstack_};
    const ScopeExit done{[&] {
        --in_flight_;
        --share_->in_flight;
        tell_progress();
    }};
    Call call{.toolstack = toolstack_, .peer = peer_, .outlet = self};
    std::optional<nlohmann::json> reply = co_await dispatch(std::move(call), std::move(entry));
    deliver(std::move(reply), batch);
}

void Session::deliver(std::optional<nlohmann::json> reply, const std::shared_ptr<Batch>& batch) {
    if (!batch) {
        if (reply) send(*reply);
        return;
    }
    if (reply) add_reply(*batch, *reply);
    if (--batch->missing == 0 && !batch->replies.empty()) send_line("[" + batch->replies + "]");
}

void Session::add_reply(Batch& batch, const nlohmann::json& reply) const {
    std::string text = rpc::to_line(reply);
    if (batch.replies.size() + text.size() > limits_.write_queue)
        text = rpc::to_line(rpc::make_error_reply(
            reply.at("id"),
            Error{Errc::unsupported,
                  fmt::format("the answers of this batch have more than {} bytes together",
                              limits_.write_queue)}
                .with_hint("send smaller batches")));
    if (!batch.replies.empty()) batch.replies += ',';
    batch.replies += text;
}

/// What is under way counts after the end of its client, too, or hanging up would buy more of it.
Task<void> Session::drain() {
    while (in_flight_ > 0 || (!is_closed_ && (is_kept_ || !outbox_.empty())))
        co_await progress_.wait();
}

/// A client may have sent all it wants and still read (`printf ... | nc -U`); one that hung up
/// altogether is heard of here, also while we do not read from it. What it sent is still carried
/// out; only what waits on its behalf ends.
Task<void> Session::watch_hangup() {
    const auto self = shared_from_this();
    boost::system::error_code failure;
    co_await socket_.async_wait(UnixSocket::wait_error,
                                asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return; // we closed it
    peer_->is_connected = false;
    progress_.notify();
    toolstack_.changed.notify();
}

bool Session::is_open() const {
    return !is_closed_ && !is_finishing_ && peer_->is_connected;
}

Task<void> Session::room() {
    while (is_open() && outbox_bytes_ > kFullOutbox)
        co_await progress_.wait();
}

void Session::keep_for(Task<void> task) {
    if (std::exchange(is_kept_, true))
        throw Error{Errc::bad_state, "this connection has a subscription already"}.with_hint(
            "one without a filter tells everything; or open another connection");
    spawn(toolstack_.loop, "serve a subscriber", run_kept(std::move(task)));
}

Task<void> Session::run_kept(Task<void> task) {
    const auto self = shared_from_this();
    const ScopeExit done{[&] {
        is_kept_ = false;
        progress_.notify();
    }};
    co_await std::move(task);
}

void Session::send(const nlohmann::json& message) {
    if (!is_closed_) send_line(rpc::to_line(message));
}

void Session::send_line(std::string line) {
    if (is_closed_) return;
    line += '\n';
    if (!outbox_.empty() && outbox_bytes_ + line.size() > limits_.write_queue) {
        drop("it does not read its answers");
        return;
    }
    outbox_bytes_ += line.size();
    outbox_.push_back(std::move(line));
    if (!std::exchange(is_writing_, true)) spawn(toolstack_.loop, "answer a client", write_lines());
}

Task<void> Session::write_lines() {
    const auto self = shared_from_this();
    while (!outbox_.empty() && !is_closed_) {
        if (outbox_bytes_ <= kFullOutbox) progress_.notify();
        arm(write_timer_, limits_.write_stall, "it does not read its answers");
        boost::system::error_code failure;
        co_await asio::async_write(socket_, asio::buffer(outbox_.front()),
                                   asio::redirect_error(asio::use_awaitable, failure));
        if (failure) close();
        last_word_ = Clock::now();
        outbox_bytes_ -= outbox_.front().size();
        outbox_.pop_front();
    }
    disarm(write_timer_);
    is_writing_ = false;
    progress_.notify();
}

void Session::arm(asio::steady_timer& timer, std::chrono::milliseconds patience,
                  const char* complaint) {
    timer.expires_after(patience);
    timer.async_wait(
        [weak = weak_from_this(), &timer, complaint](boost::system::error_code failure) {
            const auto self = weak.lock();
            // It may have been armed anew or disarmed after it had expired and before this ran.
            if (failure || !self || Clock::now() < timer.expiry()) return;
            self->drop(complaint);
        });
}

void Session::drop(const char* complaint) {
    log::warn("dropping the client {}: {}", peer_->describe(), complaint);
    close();
}

} // namespace pvh::daemon
