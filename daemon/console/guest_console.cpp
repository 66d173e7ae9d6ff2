// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/guest_console.h"

#include "daemon/spawn.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace pvh::console {

namespace asio = daemon::asio;
using daemon::Clock;
using daemon::Task;

namespace {

constexpr std::size_t kChunk = 4096;
/// A guest that took input without an event is looked at so often.
constexpr std::chrono::milliseconds kInputLook{200};
/// How long a client of the pseudo-terminal may take over the last words of a domain.
constexpr std::chrono::seconds kLastWords{1};

} // namespace

GuestConsole::GuestConsole(asio::io_context& loop, xen::GuestRings& rings, Domain domain,
                           std::string title, std::shared_ptr<History> history)
    : loop_{loop}, rings_{rings}, domain_{domain}, title_{std::move(title)},
      history_{std::move(history)}, shown_{history_->end()}, brake_timer_{loop} {}

GuestConsole::~GuestConsole() {
    if (link_) rings_.unbind(link_->port);
}

void GuestConsole::connect(std::unique_ptr<xen::ForeignMapping> page, Port remote) {
    ConsoleRing ring{page->bytes()};
    link_.emplace(Link{std::move(page), ring, rings_.bind(domain_.id, remote)});
    rings_.notify(link_->port); // a predecessor may have been killed just before it did
    changed.notify();
}

void GuestConsole::resume(const std::string& name) {
    link_->ring.resume_at(
        history_->begin_life({.id = domain_.id, .name = name}, link_->ring.taken()));
    drain();
    rings_.notify(link_->port);
}

void GuestConsole::become(const Domain& domain, std::shared_ptr<History> history,
                          const std::string& name) {
    domain_ = domain;
    history_ = std::move(history);
    shown_ = history_->end();
    resume(name);
}

void GuestConsole::disconnect() {
    if (!link_) return;
    try {
        drain();
    } catch (const Error& e) { // there may be nobody to notify
        log::debug("the last words of {}: {}", title_, e.what());
    }
    brake_timer_.cancel();
    rings_.unbind(link_->port);
    link_.reset();
    changed.notify();
}

void GuestConsole::open_pty() {
    pty_.emplace(loop_);
}

void GuestConsole::serve_pty() {
    daemon::spawn(loop_, "show a console on its pseudo-terminal", show_on_pty());
    daemon::spawn(loop_, "read from a pseudo-terminal", read_from_pty());
}

std::optional<Port> GuestConsole::port() const {
    return link_ ? std::optional{link_->port} : std::nullopt;
}

void GuestConsole::on_event() {
    if (!link_) return;
    try {
        drain();
    } catch (const std::exception& e) { // the next event must come
        log::warn("{}: {}", title_, e.what());
    }
    changed.notify();
    if (brake_.count(Clock::now()))
        rings_.unmask(link_->port);
    else
        unmask_later();
}

void GuestConsole::unmask_later() {
    brake_timer_.expires_at(brake_.end_of_period());
    brake_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto self = weak.lock();
        if (failure || !self || !self->link_) return;
        try {
            self->rings_.unmask(self->link_->port);
        } catch (const std::exception& e) {
            log::error("{} is not heard any more: {}", self->title_, e.what());
        }
    });
}

void GuestConsole::drain() {
    const auto output = link_->ring.peek();
    if (!output && !std::exchange(is_nonsense_told_, true))
        log::warn("{}: the indices of its ring make no sense", title_);
    if (!output || output->bytes.empty()) return;
    keep(output->bytes);
    link_->ring.take_to(output->end);
    rings_.notify(link_->port);
}

/// Whatever befalls the history, the guest goes on.
void GuestConsole::keep(std::string_view bytes) {
    try {
        history_->append(bytes);
    } catch (const std::exception& e) {
        if (!std::exchange(is_loss_told_, true))
            log::error("{}: what it prints is lost: {}", title_, e.what());
    }
}

void GuestConsole::end() {
    if (is_ended()) return;
    disconnect();
    is_ended_ = true;
    ended_at_ = history_->end();
    history_->end_life();
    changed.notify();
    if (pty_) daemon::spawn(loop_, "close a pseudo-terminal", close_pty());
}

std::uint64_t GuestConsole::printed() const {
    return is_ended() ? ended_at_ : history_->end();
}

bool GuestConsole::is_about_to_speak() const {
    if (!link_ || history_->end() > 0) return false;
    const auto output = link_->ring.peek();
    return output && !output->bytes.empty();
}

Task<void> GuestConsole::feed(std::string bytes, std::function<bool()> is_gone) {
    const auto self = shared_from_this();
    std::string_view left = bytes;
    while (!is_ended() && !is_gone()) {
        const std::size_t done = link_ ? link_->ring.put(left) : 0;
        if (done > 0) rings_.notify(link_->port);
        left.remove_prefix(done);
        if (left.empty()) co_return;
        co_await changed.wait(Clock::now() + kInputLook);
    }
}

Task<void> GuestConsole::show_on_pty() {
    const auto self = shared_from_this();
    while (pty_->master().is_open()) {
        if (shown_ < history_->begin()) shown_ = history_->begin();
        if (shown_ < printed()) {
            const std::uint64_t left = printed() - shown_;
            std::string chunk = history_->read(shown_, std::min<std::uint64_t>(left, kChunk));
            shown_ += chunk.size();
            co_await write_to_pty(std::move(chunk));
        } else if (is_ended()) {
            co_return;
        } else {
            co_await changed.wait();
        }
    }
}

Task<void> GuestConsole::write_to_pty(std::string bytes) {
    boost::system::error_code failure;
    co_await asio::async_write(pty_->master(), asio::buffer(bytes),
                               asio::redirect_error(asio::use_awaitable, failure));
    if (failure && !is_ended())
        throw Error{Errc::internal, fmt::format("write to {}", pty_->path()), failure.value()};
}

/// What its clients have not read goes when our side is closed.
Task<void> GuestConsole::close_pty() {
    const auto self = shared_from_this();
    const auto deadline = Clock::now() + kLastWords;
    do {
        asio::steady_timer pause{loop_, std::chrono::milliseconds{50}};
        co_await pause.async_wait(asio::use_awaitable);
    } while (pty_->has_unread() && Clock::now() < deadline);
    boost::system::error_code ignored;
    pty_->master().close(ignored);
}

Task<void> GuestConsole::read_from_pty() {
    const auto self = shared_from_this();
    std::array<char, 256> chunk{};
    std::function<bool()> is_closed = [this] { return !pty_->master().is_open(); };
    while (!is_ended()) {
        boost::system::error_code failure;
        const std::size_t got = co_await pty_->master().async_read_some(
            asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, failure));
        if (failure) co_return; // we closed it: its other side is held open
        co_await feed({chunk.data(), got}, is_closed);
    }
}

} // namespace pvh::console
