// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/server.h"

#include "daemon/spawn.h"
#include "libdomain/core/log.h"
#include "rpc/parse.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace pvh::daemon {

namespace {

// When there are no descriptors left: until somebody closes one.
constexpr std::chrono::milliseconds kAcceptPause{200};

bool is_privileged(const Peer& peer) {
    return peer.uid == 0 || peer.uid == ::geteuid();
}

/// One line of explanation, if the socket's buffer has room for it: it does, for it is new.
void turn_away(Toolstack& toolstack, UnixSocket& socket, const Error& reason) {
    if (toolstack.refusals.allows(Clock::now()))
        log::warn("turning a client away: {}", reason.what());
    const std::string line = rpc::to_line(rpc::make_error_reply(nullptr, reason)) + '\n';
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(line), ignored);
}

} // namespace

Server::Server(Toolstack& toolstack, Listener listener, const SessionLimits& limits,
               Admission admission)
    : toolstack_{toolstack}, listener_{std::move(listener)}, limits_{limits},
      admission_{std::move(admission)}, acceptor_{toolstack.loop, asio::local::stream_protocol{},
                                                  listener_.release_fd()} {}

void Server::start() {
    spawn(toolstack_.loop, "accept clients", accept_clients());
}

void Server::stop() {
    is_stopped_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& session : sessions_)
        session->finish();
}

void Server::close_all() {
    for (const auto& session : sessions_)
        session->close();
}

Task<void> Server::accept_clients() {
    while (!is_stopped_) {
        boost::system::error_code failure;
        UnixSocket socket =
            co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failure));
        if (is_stopped_) co_return;
        if (!failure) {
            welcome(std::move(socket));
            continue;
        }
        log::warn("accept a client: {}", failure.message());
        asio::steady_timer pause{toolstack_.loop, kAcceptPause};
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failure));
    }
}

/// When connections become scarce, those that nobody uses make room.
void Server::close_idle() {
    if (sessions_.size() * 2 < admission_.max_connections) return;
    const auto moment = Clock::now() - limits_.idle;
    std::erase_if(sessions_,
                  [&](const auto& session) { return session->close_if_idle_since(moment); });
}

/// Nobody else may take the last connections from whoever looks after the host, and no user alone
/// more than half of all.
void Server::require_room(const Peer& peer) const {
    const std::size_t most = admission_.max_connections;
    const bool is_for_all = !is_privileged(peer);
    const std::size_t reserved = is_for_all ? most / 8 : 0;
    if (sessions_.size() >= most - reserved)
        throw Error{Errc::busy, fmt::format("pvhd has {} connections and takes no more{}",
                                            sessions_.size(), is_for_all ? " but from root" : "")}
            .with_hint("try again when others have hung up");
    const auto theirs = std::count_if(sessions_.begin(), sessions_.end(), [&](const auto& session) {
        return session->uid() == peer.uid;
    });
    if (is_for_all && static_cast<std::size_t>(theirs) >= most - most / 2)
        throw Error{Errc::busy, fmt::format("uid {} has {} of pvhd's {} connections, half of all",
                                            peer.uid, theirs, most)}
            .with_hint("hang up where nothing is under way");
}

std::shared_ptr<UserShare> Server::share_of(const Peer& peer) const {
    for (const auto& session : sessions_)
        if (session->uid() == peer.uid) return session->share();
    const std::size_t most = is_privileged(peer) ? admission_.max_connections * rpc::kMaxInFlight
                                                 : rpc::kMaxInFlightOfUser;
    return std::make_shared<UserShare>(UserShare{.most = most, .has_turns = !is_privileged(peer)});
}

void Server::welcome(UnixSocket socket) {
    try {
        const auto peer = identify_peer(
            socket.native_handle(), admission_.roles.value_or(roles_by_socket(listener_.group())));
        if (!peer)
            throw Error{Errc::permission_denied, "you may not talk to pvhd"}.with_hint(
                "become root, or have an administrator give you a role: pvhd.conf(5)");
        close_idle();
        require_room(*peer);
        auto session = std::make_shared<Session>(toolstack_, std::move(socket), *peer, limits_,
                                                 share_of(*peer));
        sessions_.insert(session);
        toolstack_.counters.connections = sessions_.size();
        spawn(toolstack_.loop, "serve a client", host(std::move(session)));
    } catch (const Error& e) {
        turn_away(toolstack_, socket, e);
    }
}

Task<void> Server::host(std::shared_ptr<Session> session) {
    co_await session->run();
    sessions_.erase(session);
    toolstack_.counters.connections = sessions_.size();
    toolstack_.changed.notify();
}

} // namespace pvh::daemon
