// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/channel_socket.h"

#include "daemon/spawn.h"
#include "libdomain/core/log.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace pvh::console {

namespace asio = daemon::asio;
using daemon::Clock;
using daemon::Task;

namespace {

constexpr std::size_t kChunk = 16UL * 1024;
/// How long a client may take over the last words of a guest.
constexpr std::chrono::seconds kLastWords{1};
/// How long a guest may take over what a client sent that has hung up.
constexpr std::chrono::seconds kLastInput{5};

void shut(daemon::UnixSocket& socket) {
    boost::system::error_code ignored;
    socket.close(ignored);
}

} // namespace

ChannelSocket::ChannelSocket(asio::io_context& loop, const std::string& path,
                             std::shared_ptr<GuestConsole> console)
    : loop_{loop}, path_{path}, console_{std::move(console)},
      listener_{daemon::Listener::make(path)}, acceptor_{loop, asio::local::stream_protocol{},
                                                         listener_->release_fd()} {}

void ChannelSocket::start() {
    daemon::spawn(loop_, "accept a channel's clients", accept_clients());
}

void ChannelSocket::close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    listener_.reset();
    if (visit_) daemon::spawn(loop_, "hang up on a channel's client", hang_up_soon(visit_));
}

Task<void> ChannelSocket::accept_clients() {
    const auto self = shared_from_this();
    while (acceptor_.is_open()) {
        boost::system::error_code failure;
        daemon::UnixSocket socket =
            co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failure));
        if (!failure) {
            co_await host(std::make_shared<Visit>(std::move(socket)));
        } else if (acceptor_.is_open()) {
            log::warn("accept a client at {}: {}", path_, failure.message());
            asio::steady_timer pause{loop_, std::chrono::milliseconds{200}};
            co_await pause.async_wait(asio::use_awaitable);
        }
    }
}

/// Nothing that two clients send reaches the guest in pieces.
Task<void> ChannelSocket::host(VisitPtr visit) {
    visit_ = visit;
    daemon::spawn(loop_, "watch a channel's client", watch_hangup(visit));
    daemon::spawn(loop_, "read from a channel's client", read_input(visit));
    co_await show(visit);
    if (!visit->left_at) shut(visit->socket);
    while (!visit->is_read_out)
        co_await console_->changed.wait();
    visit_.reset();
    shut(visit->socket);
}

Task<void> ChannelSocket::show(VisitPtr visit) {
    const History& history = *console_->history();
    position_ = std::max(position_, history.begin());
    while (!visit->left_at) {
        if (position_ < history.begin()) {
            log::warn("{}: its client has missed some of it: hanging up", console_->title());
            co_return;
        }
        if (position_ < console_->printed()) {
            const std::string chunk = history.read(
                position_, std::min<std::uint64_t>(console_->printed() - position_, kChunk));
            boost::system::error_code failure;
            position_ += co_await asio::async_write(
                visit->socket, asio::buffer(chunk),
                asio::redirect_error(asio::use_awaitable, failure)); // the rest is the next one's
            if (failure) visit->left_at = Clock::now();
        } else if (console_->is_ended()) {
            co_return;
        } else {
            co_await console_->changed.wait();
        }
    }
}

/// One that has sent all it wants may still read; one that is gone altogether is heard of here.
Task<void> ChannelSocket::watch_hangup(VisitPtr visit) {
    const auto self = shared_from_this();
    boost::system::error_code failure;
    co_await visit->socket.async_wait(daemon::UnixSocket::wait_error,
                                      asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return;
    visit->left_at = Clock::now();
    console_->changed.notify();
}

Task<void> ChannelSocket::read_input(VisitPtr visit) {
    const auto self = shared_from_this();
    std::function<bool()> is_gone = [visit] {
        return !visit->socket.is_open() ||
               (visit->left_at && Clock::now() > *visit->left_at + kLastInput);
    };
    std::array<char, 1024> chunk{};
    while (!is_gone()) {
        boost::system::error_code failure;
        const std::size_t got = co_await visit->socket.async_read_some(
            asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, failure));
        if (failure) break;
        co_await console_->feed({chunk.data(), got}, is_gone);
    }
    visit->is_read_out = true;
    console_->changed.notify();
}

Task<void> ChannelSocket::hang_up_soon(VisitPtr visit) {
    const auto self = shared_from_this();
    asio::steady_timer patience{loop_, kLastWords};
    co_await patience.async_wait(asio::use_awaitable);
    shut(visit->socket);
    console_->changed.notify();
}

} // namespace pvh::console
