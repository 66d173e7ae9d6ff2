// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/client.h"

#include "daemon/spawn.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "rpc/error_object.h"
#include "rpc/jsonrpc.h"
#include "rpc/messages_json.h"
#include "rpc/parse.h"
#include "rpc/protocol_error.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include <boost/asio/read_until.hpp>
#include <fmt/format.h>

namespace pvh::console {

namespace asio = daemon::asio;
using daemon::Clock;
using daemon::Task;

namespace {

constexpr std::size_t kMaxRequest = 4096;
constexpr std::chrono::seconds kRequestTimeout{10};
constexpr std::size_t kChunk = 16UL * 1024;
constexpr const char* kMethod = "console.attach";

rpc::Request only_request(const std::string& line) {
    const rpc::Incoming incoming = rpc::read_line(line);
    if (incoming.is_batch || incoming.entries.size() != 1)
        throw rpc::ProtocolError{rpc::kInvalidRequest, "one request is wanted here"};
    const rpc::Entry& entry = incoming.entries.front();
    if (const auto* bad = std::get_if<rpc::BadRequest>(&entry))
        throw rpc::ProtocolError{bad->error};
    rpc::Request request = std::get<rpc::Request>(entry);
    if (request.method != kMethod)
        throw rpc::ProtocolError{rpc::kMethodNotFound,
                                 fmt::format("pvhconsoled knows {} alone", kMethod)};
    return request;
}

Wish wish_of(const rpc::ConsoleAttachParams& params) {
    if (params.read_only || !params.follow) return Wish::read;
    return params.take_over ? Wish::write_now : Wish::write_next;
}

std::string notice(const std::string& text) {
    return fmt::format("\r\n[pvhconsoled: {}]\r\n", text);
}

} // namespace

Client::Client(asio::io_context& loop, daemon::UnixSocket socket, const daemon::Peer& peer,
               Seats::Id id)
    : loop_{loop}, socket_{std::move(socket)}, peer_{peer}, id_{id} {}

Task<void> Client::run(FindSource find) {
    const auto self = shared_from_this();
    const ScopeExit leave{[&] { close(); }};
    const std::string line = co_await read_request();
    if (line.empty() || is_closed_) co_return; // it may have come with the end of its time
    const nlohmann::json reply = attach(line, find);
    co_await write(rpc::to_line(reply) + '\n');
    if (!source_.history) co_return;
    daemon::spawn(loop_, "watch a console's client", watch_hangup());
    daemon::spawn(loop_, "read from a console's client", read_input());
    co_await show();
}

Task<std::string> Client::read_request() {
    asio::steady_timer deadline{loop_, kRequestTimeout};
    deadline.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto self = weak.lock();
        if (!failure && self) self->close();
    });
    std::string buffer;
    boost::system::error_code failure;
    const std::size_t size =
        co_await asio::async_read_until(socket_, asio::dynamic_buffer(buffer, kMaxRequest), '\n',
                                        asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return "";
    early_input_ = buffer.substr(size);
    co_return buffer.substr(0, size - 1);
}

nlohmann::json Client::attach(const std::string& line, const FindSource& find) {
    nlohmann::json id;
    try {
        const rpc::Request request = only_request(line);
        if (request.id) id = *request.id;
        params_ = request.params.get<rpc::ConsoleAttachParams>();
        source_ = find(params_.domain);
        return rpc::make_reply(id, enter());
    } catch (const Error& e) {
        source_ = {};
        return rpc::make_error_reply(id, e);
    }
}

rpc::ConsoleAttachResult Client::enter() {
    if (!source_.console && !params_.replay)
        throw Error{Errc::bad_state, fmt::format("\"{}\" has ended", source_.domain.name)}
            .with_hint("console --replay shows what it printed");
    const History& history = *source_.history;
    stop_at_ = history.end();
    position_ = params_.replay ? history.begin() : stop_at_;
    rpc::ConsoleAttachResult result{.domain = source_.domain,
                                    .writes = false,
                                    .writer = "",
                                    .lost_bytes = params_.replay ? position_ : 0};
    if (!source_.console) return result;
    Seats& seats = source_.console->seats;
    seats.enter(id_, peer_.describe(), wish_of(params_), [this](const std::string& writer) {
        tell(writer.empty() ? "you write now"
                            : fmt::format("{} writes now, you only read", writer));
    });
    result.writes = seats.writes(id_);
    result.writer = seats.writer();
    return result;
}

Task<void> Client::show() {
    const History& history = *source_.history;
    while (!is_closed_) {
        const bool follows = params_.follow && source_.console;
        const std::uint64_t end = follows ? source_.console->printed() : stop_at_;
        if (position_ < std::min(history.begin(), end)) {
            const std::uint64_t skipped = std::min(history.begin(), end) - position_;
            position_ += skipped;
            co_await write(notice(fmt::format("{} bytes came too fast and are skipped", skipped)));
        } else if (!notice_.empty()) {
            co_await write(notice(std::exchange(notice_, "")));
        } else if (position_ < end) {
            std::string chunk =
                history.read(position_, std::min<std::uint64_t>(end - position_, kChunk));
            position_ += chunk.size();
            co_await write(std::move(chunk));
        } else if (!follows || source_.console->is_ended()) {
            co_return;
        } else {
            co_await source_.console->changed.wait();
        }
    }
}

Task<void> Client::write(std::string bytes) {
    boost::system::error_code failure;
    co_await asio::async_write(socket_, asio::buffer(bytes),
                               asio::redirect_error(asio::use_awaitable, failure));
    if (failure) close();
}

void Client::close() {
    if (source_.console) source_.console->seats.leave(id_); // whenever it was entered
    if (std::exchange(is_closed_, true)) return;
    boost::system::error_code ignored;
    socket_.close(ignored);
    if (source_.console) source_.console->changed.notify();
}

/// One that has sent all it wants may still read; one that is gone altogether is heard of here.
Task<void> Client::watch_hangup() {
    const auto self = shared_from_this();
    boost::system::error_code failure;
    co_await socket_.async_wait(daemon::UnixSocket::wait_error,
                                asio::redirect_error(asio::use_awaitable, failure));
    if (!failure) close();
}

Task<void> Client::read_input() {
    const auto self = shared_from_this();
    co_await take_input(std::exchange(early_input_, ""));
    std::array<char, 1024> chunk{};
    while (!is_closed_) {
        boost::system::error_code failure;
        const std::size_t got = co_await socket_.async_read_some(
            asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, failure));
        if (failure) break;
        co_await take_input({chunk.data(), got});
    }
    if (!is_closed_ && source_.console) source_.console->seats.put_down_pen(id_);
}

Task<void> Client::take_input(std::string bytes) {
    GuestConsole* console = source_.console.get();
    if (console == nullptr || bytes.empty()) co_return;
    if (!console->seats.writes(id_)) {
        if (std::exchange(is_told_, true)) co_return;
        const std::string writer = console->seats.writer();
        tell(writer.empty() ? "what you type goes nowhere: you only read"
                            : fmt::format("what you type goes nowhere: {} writes", writer));
        co_return;
    }
    std::function<bool()> is_gone = [this, console] {
        return is_closed_ || !console->seats.writes(id_);
    };
    co_await console->feed(std::move(bytes), is_gone);
}

void Client::tell(const std::string& text) {
    is_told_ = false;
    if (!params_.notices || is_closed_) return;
    notice_ = text;
    source_.console->changed.notify();
}

} // namespace pvh::console
