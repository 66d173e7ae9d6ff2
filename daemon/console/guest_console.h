// SPDX-License-Identifier: LGPL-2.1-or-later
// Console 0 of one living domain: its ring is emptied into its history whether or not anybody
// reads; clients read the history, each at its own pace, and write into the ring.
#pragma once

#include "daemon/asio.h"
#include "daemon/change_signal.h"
#include "daemon/console/event_brake.h"
#include "daemon/console/history.h"
#include "daemon/console/pty.h"
#include "daemon/console/ring.h"
#include "daemon/console/seats.h"
#include "libdomain/domain.h"
#include "libdomain/xen/guest_ring.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pvh::console {

class GuestConsole : public std::enable_shared_from_this<GuestConsole> {
  public:
    struct Wiring {
        Domain domain;
        std::string name;
        std::unique_ptr<xen::ForeignMapping> page;
        Port remote; // the guest's end
    };

    /// Binds the channel and makes the pseudo-terminal.
    GuestConsole(daemon::asio::io_context& loop, xen::GuestRings& rings, Wiring wiring,
                 std::shared_ptr<History> history);
    GuestConsole(const GuestConsole&) = delete;
    GuestConsole& operator=(const GuestConsole&) = delete;
    ~GuestConsole();

    void start();
    /// The channel is pending.
    void on_event();
    /// The domain is gone: takes its last words, and gives up page and channel.
    void end();

    /// Puts all of it in front of the guest; waits while the guest takes none, until `is_gone`.
    daemon::Task<void> feed(std::string bytes, std::function<bool()> is_gone);

    [[nodiscard]] const Domain& domain() const { return domain_; }

    [[nodiscard]] Port port() const { return port_; }

    [[nodiscard]] const std::string& tty() const { return pty_.path(); }

    [[nodiscard]] bool is_ended() const { return !ring_; }

    [[nodiscard]] const std::shared_ptr<History>& history() const { return history_; }

    /// Up to where this life of the domain has printed.
    [[nodiscard]] std::uint64_t printed() const;

    Seats seats;
    daemon::ChangeSignal changed; // printed, took input, ended

  private:
    void drain();
    void keep(std::string_view bytes);
    void unmask_later();
    daemon::Task<void> show_on_pty();
    daemon::Task<void> write_to_pty(std::string bytes);
    daemon::Task<void> close_pty();
    daemon::Task<void> read_from_pty();

    daemon::asio::io_context& loop_;
    xen::GuestRings& rings_;
    Domain domain_;
    std::string name_; // when we came
    std::unique_ptr<xen::ForeignMapping> page_;
    std::optional<ConsoleRing> ring_; // of page_; empty once the domain is gone
    std::shared_ptr<History> history_;
    std::uint64_t begun_at_;    // position when we came
    std::uint64_t ended_at_{0}; // position when it ended
    Pty pty_;
    Port port_;
    EventBrake brake_;
    daemon::asio::steady_timer brake_timer_;
    bool is_nonsense_told_{false};
    bool is_loss_told_{false};
};

} // namespace pvh::console
