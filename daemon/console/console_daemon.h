// SPDX-License-Identifier: LGPL-2.1-or-later
// pvhconsoled as a whole: everything but the command line. It keeps nothing that it could not find
// again: domains are in xenstore, what they printed is in files, what they print waits in rings.
#pragma once

#include "daemon/asio.h"
#include "daemon/console/channels.h"
#include "daemon/console/client.h"
#include "daemon/console/guest_console.h"
#include "daemon/console/histories.h"
#include "daemon/listener.h"
#include "daemon/roles.h"
#include "libdomain/xen/guest_ring.h"
#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"
#include "libdomain/xen/store_watch.h"
#include "rpc/limits.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace pvh::console {

struct ConsoleOptions {
    std::string socket = rpc::kDefaultConsoleSocket;
    std::string group = "pvh"; // whose members may use the socket
    std::string history = "/run/pvhd/console";
    std::optional<daemon::Roles> roles; // operators are let in; nothing: by the socket's group
    std::size_t max_clients = 64;
};

struct XenParts {
    std::unique_ptr<xen::Hypervisor> hypervisor;
    std::unique_ptr<xen::Store> store;
    std::unique_ptr<xen::StoreWatch> watch;
    std::unique_ptr<xen::GuestRings> rings;
};

class ConsoleDaemon {
  public:
    /// Takes up the consoles that are there, and listens. Throws Error if any of it fails.
    ConsoleDaemon(const ConsoleOptions& options, XenParts xen);
    ConsoleDaemon(const ConsoleDaemon&) = delete;
    ConsoleDaemon& operator=(const ConsoleDaemon&) = delete;
    ~ConsoleDaemon();

    /// SIGTERM and SIGINT become stop().
    void stop_on_signals();
    /// SIGHUP calls this, on the loop thread.
    void on_hangup(std::function<void()> act);

    /// On the loop thread: holds for who comes from now on.
    void admit(std::optional<daemon::Roles> roles) { options_.roles = std::move(roles); }

    /// Serves until stop(). Throws if it can no longer follow domains, rings or clients: a
    /// successor finds the consoles again.
    void run();
    /// From any thread. Guests go on; a successor finds their consoles again.
    void stop();

  private:
    /// As they stand below /local/domain/N, whoever wrote them.
    struct ConsoleNodes {
        std::optional<std::string> type, port, ring_ref;
        std::string name;
    };

    daemon::Task<void> serve_to_the_end(std::string what, daemon::Task<void> work);
    daemon::Task<void> follow_host();
    daemon::Task<void> follow_rings();
    daemon::Task<void> accept_clients();
    void await_hangup();
    void welcome(daemon::UnixSocket socket);
    daemon::Task<void> host(std::shared_ptr<Client> client);

    void look();
    void look_or_retry() noexcept;
    void look_again_later();
    void consider(const xen::DomainInfo& info);
    ConsoleNodes read_nodes(DomId id);
    void take_up(const Domain& domain, const ConsoleNodes& nodes);
    std::unique_ptr<xen::ForeignMapping> map_ring(DomId id, Gfn gfn);
    [[nodiscard]] bool is_same_guest(const GuestConsole& console, const xen::DomainInfo& now) const;
    void follow_uuid(GuestConsole& console, const Domain& now);
    void let_go(const std::shared_ptr<GuestConsole>& console);
    void close_clients_of(const GuestConsole& console);
    daemon::Task<void> close_stragglers(std::shared_ptr<GuestConsole> console);
    void take_name(const Uuid& uuid);
    void look_if_other(const Domain& domain) noexcept;

    Source find(const rpc::Selector& selector);
    std::optional<Source> find_living(const rpc::Selector& selector);
    std::optional<Source> find_ended(const rpc::Selector& selector);
    bool is_alive_elsewhere(const rpc::Selector& selector);

    [[nodiscard]] bool is_living(const Uuid& uuid) const;

    // Declared so that they end in the right order: what uses the loop, the loop with the
    // coroutines that it still holds, then what those refer to.
    ConsoleOptions options_;
    XenParts xen_;
    Histories histories_;
    daemon::Listener listener_;
    std::map<DomId, std::shared_ptr<GuestConsole>> consoles_;
    Ports by_port_;
    std::set<std::pair<DomId, Uuid>> others_;  // that have a console of another service
    std::set<std::pair<DomId, Uuid>> refused_; // that could not be taken up, and were told of
    std::set<std::shared_ptr<Client>> clients_;
    Seats::Id last_client_{0};
    bool is_stopped_{false};
    std::string failure_; // that ends it

    daemon::asio::io_context loop_{1};
    Channels channels_;
    daemon::asio::local::stream_protocol::acceptor acceptor_;
    daemon::asio::posix::stream_descriptor watch_readable_; // lends the fd of xen_.watch
    daemon::asio::posix::stream_descriptor rings_readable_; // and of xen_.rings
    daemon::asio::signal_set signals_;
    daemon::asio::signal_set hangups_;
    std::function<void()> on_hangup_;
    daemon::asio::steady_timer retry_;
    bool is_retry_due_{false};
};

} // namespace pvh::console
