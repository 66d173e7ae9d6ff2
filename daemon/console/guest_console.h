// SPDX-License-Identifier: LGPL-2.1-or-later
// One console of a living domain, the first or a channel: its ring is emptied into its history
// whether or not anybody reads; clients read the history, each at its own pace, and write into the
// ring.
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
    /// `title` is for messages: "the console of d7".
    GuestConsole(daemon::asio::io_context& loop, xen::GuestRings& rings, Domain domain,
                 std::string title, std::shared_ptr<History> history);
    GuestConsole(const GuestConsole&) = delete;
    GuestConsole& operator=(const GuestConsole&) = delete;
    ~GuestConsole();

    /// Binds the channel whose other end is `remote`. The ring in `page` is emptied from its first
    /// event on, which comes at once.
    void connect(std::unique_ptr<xen::ForeignMapping> page, Port remote);
    /// Passes over what a predecessor that was killed had taken: its history is on file.
    void resume(const std::string& name);
    /// The domain has another UUID now, and said nothing under the one before.
    void become(const Domain& domain, std::shared_ptr<History> history, const std::string& name);
    /// The guest lets go of its ring: takes its last words, and gives up page and channel.
    void disconnect();
    /// Makes the pseudo-terminal.
    void open_pty();
    /// Begins to serve it.
    void serve_pty();

    /// The channel is pending.
    void on_event();
    /// The domain is gone: the last words are those that were spoken, and clients may have them.
    void end();

    /// Puts all of it in front of the guest; waits while the guest takes none, until `is_gone`.
    daemon::Task<void> feed(std::string bytes, std::function<bool()> is_gone);

    [[nodiscard]] const Domain& domain() const { return domain_; }

    [[nodiscard]] const std::string& title() const { return title_; }

    /// Our end of its channel; nothing while no ring is connected.
    [[nodiscard]] std::optional<Port> port() const;

    /// Of its pseudo-terminal; empty if it has none.
    [[nodiscard]] std::string tty() const { return pty_ ? pty_->path() : ""; }

    [[nodiscard]] bool is_ended() const { return is_ended_; }

    [[nodiscard]] const std::shared_ptr<History>& history() const { return history_; }

    /// Up to where this life of the domain has printed.
    [[nodiscard]] std::uint64_t printed() const;

    /// It prints the first that its history will have.
    [[nodiscard]] bool is_about_to_speak() const;

    Seats seats;
    daemon::ChangeSignal changed; // printed, took input, connected, ended

  private:
    struct Link {
        std::unique_ptr<xen::ForeignMapping> page;
        ConsoleRing ring; // of page
        Port port;
    };

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
    std::string title_;
    std::optional<Link> link_; // while a ring is connected
    std::shared_ptr<History> history_;
    std::uint64_t shown_; // position up to which the pseudo-terminal has it; at first, when we came
    std::uint64_t ended_at_{0}; // position when it ended
    std::optional<Pty> pty_;
    EventBrake brake_;
    daemon::asio::steady_timer brake_timer_;
    bool is_ended_{false};
    bool is_nonsense_told_{false};
    bool is_loss_told_{false};
};

} // namespace pvh::console
