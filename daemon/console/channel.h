// SPDX-License-Identifier: LGPL-2.1-or-later
// The backend of one channel: a console that a guest connects to by the handshake of all xenbus
// devices, as often as it likes.   [xen/include/public/io/xenbus.h; Linux
// drivers/tty/hvc/hvc_xen.c]
#pragma once

#include "daemon/asio.h"
#include "daemon/console/channel_socket.h"
#include "daemon/console/event_brake.h"
#include "daemon/console/guest_console.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/xen/store_watch.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace pvh::console {

/// Of the watches on what toolstacks change.
inline constexpr const char* kChannelsToken = "channels";

/// Whose event a port of ours is.
using Ports = std::map<Port, std::weak_ptr<GuestConsole>>;

/// What channels work with; outlives them.
struct ChannelParts {
    daemon::asio::io_context& loop;
    xen::Store& store;
    xen::StoreWatch& watch;
    xen::GuestRings& rings;
    Ports& ports;
};

class Channel : public std::enable_shared_from_this<Channel> {
  public:
    /// Makes its pseudo-terminal or socket. The brake is one for all channels of the domain.
    Channel(ChannelParts parts, const Domain& domain, const device::DeviceView& view,
            std::shared_ptr<EventBrake> brake);
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    /// Begins to serve it, and watches the guest's end under its backend's path.
    void start();
    /// Something changed at dom0's end. What we have written there ourselves is no reason to look
    /// at the guest's: it would have us write as fast as it does.
    void on_change();
    /// The same of the guest's: one that changes without a pause is looked at some times a second.
    void on_guest_change();
    /// The domain is gone, or the toolstack has taken the channel away.
    void end();

    [[nodiscard]] const GuestConsole& console() const { return *console_; }

    [[nodiscard]] bool is_ended() const { return console_->is_ended(); }

    [[nodiscard]] const std::shared_ptr<EventBrake>& brake() const { return brake_; }

  private:
    /// Again in a while if it fails.
    void attempt(void (Channel::*act)());
    void look();
    void look_unless_ours();
    void look_at(daemon::Clock::time_point when);
    void follow(device::XenbusState frontend);
    void connect();
    void let_go();
    void set_state(device::XenbusState state);
    [[nodiscard]] std::string frontend_state_path() const;

    ChannelParts parts_;
    device::Address address_;
    std::shared_ptr<GuestConsole> console_;
    std::shared_ptr<ChannelSocket> socket_; // null: it is a pty
    std::shared_ptr<EventBrake> brake_;
    std::optional<device::XenbusState> written_; // by us, as dom0's end
    daemon::asio::steady_timer look_timer_;
    bool is_look_due_{false};
    bool is_refused_{false}; // what the guest offers, until it offers anew
    bool is_refusal_told_{false};
};

/// Leaves a reason where kernels leave theirs, for the toolstack that waits.
void report_error(xen::Store& store, const device::Address& device, const std::string& reason);

/// Nothing if the backend's folder is gone or, but for `closed`, about to go.
void set_backend_state(xen::Store& store, const device::Address& device, device::XenbusState state);

} // namespace pvh::console
