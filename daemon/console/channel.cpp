// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/channel.h"

#include "daemon/text.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"

#include <utility>

#include <fmt/format.h>

namespace pvh::console {

using daemon::Clock;
using device::XenbusState;

namespace {

constexpr std::chrono::seconds kRetry{1};

std::shared_ptr<GuestConsole> make_console(const ChannelParts& parts, const Domain& domain,
                                           const device::DeviceView& view) {
    return std::make_shared<GuestConsole>(
        parts.loop, parts.rings, domain,
        fmt::format("channel {} of {}", daemon::printable(view.name), domain.id),
        std::make_shared<History>(History::in_memory()));
}

} // namespace

Channel::Channel(ChannelParts parts, const Domain& domain, const device::DeviceView& view,
                 std::shared_ptr<EventBrake> brake)
    : parts_{parts}, address_{view.address}, console_{make_console(parts, domain, view)},
      brake_{std::move(brake)}, look_timer_{parts.loop} {
    if (view.connection == "socket")
        socket_ = std::make_shared<ChannelSocket>(parts.loop, view.path, console_);
    else
        console_->open_pty();
}

std::string Channel::frontend_state_path() const {
    return frontend_path(address_) + "/state";
}

void Channel::start() {
    const std::string tty = frontend_path(address_) + "/tty";
    parts_.store.transact([&](xen::Store& inside) { // the guest may have removed its folder
        if (inside.read(tty)) inside.write(tty, console_->tty());
    });
    parts_.watch.watch(backend_path(address_), kChannelsToken);
    parts_.watch.watch(frontend_state_path(), backend_path(address_)); // fires at once
    if (socket_)
        socket_->start();
    else
        console_->serve_pty();
}

void Channel::on_guest_change() {
    if (brake_->count(Clock::now()))
        attempt(&Channel::look);
    else
        look_at(brake_->end_of_period());
}

void Channel::on_change() {
    attempt(&Channel::look_unless_ours);
}

void Channel::attempt(void (Channel::*act)()) {
    if (is_ended()) return;
    try {
        (this->*act)();
    } catch (const std::exception& e) {
        log::warn("{}: {}", console_->title(), e.what());
        look_at(Clock::now() + kRetry);
    }
}

void Channel::look_unless_ours() {
    const std::string backend = backend_path(address_);
    const auto state = parts_.store.read(backend + "/state");
    const bool is_ours = state && written_ && device::parse_state(*state) == *written_;
    if (!is_ours || parts_.store.read(backend + "/online") == "0") look();
}

void Channel::look_at(Clock::time_point when) {
    if (std::exchange(is_look_due_, true)) return;
    look_timer_.expires_at(when);
    look_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto self = weak.lock();
        if (failure || !self) return;
        self->is_look_due_ = false;
        self->attempt(&Channel::look);
    });
}

void Channel::look() {
    const std::string backend = backend_path(address_);
    if (!parts_.store.read(backend + "/state")) return end();
    if (parts_.store.read(backend + "/online") == "0") {
        end();
        return set_backend_state(parts_.store, address_, XenbusState::closed);
    }
    follow(device::parse_state(parts_.store.read(frontend_state_path()).value_or("")));
}

/// Any order of states is the guest's to choose; each is answered as Linux' backends do.
void Channel::follow(XenbusState frontend) {
    switch (frontend) {
    case XenbusState::initialised:
    case XenbusState::connected:
        if (!console_->port() && !is_refused_) connect();
        if (console_->port()) set_state(XenbusState::connected);
        return;
    case XenbusState::initialising:
        let_go();
        return set_state(XenbusState::init_wait);
    case XenbusState::closing:
        let_go();
        return set_state(XenbusState::closing);
    case XenbusState::unknown:
    case XenbusState::closed:
        let_go();
        return set_state(XenbusState::closed);
    case XenbusState::init_wait:
        return; // a backend's
    }
}

void Channel::connect() {
    try {
        const device::DeviceView view = view_device(parts_.store, address_);
        if (!view.ring_ref || !view.event_channel)
            throw Error{Errc::xenstore_error,
                        fmt::format("{} names no ring-ref and port", frontend_path(address_))};
        const DomId guest = address_.frontend;
        console_->connect(parts_.rings.map_granted(guest, GrantRef{*view.ring_ref}),
                          Port{*view.event_channel});
        parts_.ports[console_->port().value()] = console_;
        log::debug("{}: the guest has connected", console_->title());
    } catch (const Error& e) {
        is_refused_ = true;
        if (!std::exchange(is_refusal_told_, true))
            log::warn("{}: what the guest offers is of no use: {}", console_->title(), e.what());
        report_error(parts_.store, address_, e.what());
        set_state(XenbusState::closing);
    }
}

void Channel::let_go() {
    is_refused_ = false;
    const auto port = console_->port();
    if (!port) return;
    parts_.ports.erase(*port);
    console_->disconnect();
    log::debug("{}: the guest has let go", console_->title());
}

void Channel::end() {
    if (is_ended()) return;
    parts_.watch.unwatch(backend_path(address_), kChannelsToken);
    parts_.watch.unwatch(frontend_state_path(), backend_path(address_));
    look_timer_.cancel();
    let_go();
    console_->end();
    if (socket_) socket_->close();
    log::info("{}: it is gone", console_->title());
}

void Channel::set_state(XenbusState state) {
    written_ = state;
    const auto now = parts_.store.read(backend_path(address_) + "/state");
    if (now && device::parse_state(*now) == state) return; // else each would be an event for us
    set_backend_state(parts_.store, address_, state);
}

void report_error(xen::Store& store, const device::Address& device, const std::string& reason) {
    store.write(error_path(device) + "/error", reason);
}

void set_backend_state(xen::Store& store, const device::Address& device, XenbusState state) {
    const std::string backend = backend_path(device);
    store.transact([&](xen::Store& inside) {
        if (!inside.read(backend + "/state")) return;
        if (state != XenbusState::closed && inside.read(backend + "/online") == "0") return;
        inside.write(backend + "/state", fmt::format("{}", static_cast<unsigned>(state)));
    });
}

} // namespace pvh::console
