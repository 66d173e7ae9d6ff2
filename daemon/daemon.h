// SPDX-License-Identifier: LGPL-2.1-or-later
// The daemon as a whole: everything but the command line. main.cpp gives it Xen, tests give it a
// model of Xen.
#pragma once

#include "daemon/pool.h"
#include "daemon/server.h"
#include "daemon/session.h"
#include "daemon/toolstack.h"
#include "libdomain/xen/store_watch.h"
#include "rpc/limits.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace pvh::daemon {

struct DaemonOptions {
    std::string socket = rpc::kDefaultSocket;
    std::string group = "pvh"; // whose members may use the socket
    std::string state_dir = "/var/lib/pvhd";
    std::string dump_folder = kDumpFolder;
    unsigned builder_threads = 0; // 0: as many as CPUs, at least 2, at most 8
    Admission admission;
    SessionLimits limits;
    std::chrono::milliseconds quick_end = kQuickEnd; // who ends sooner after its start is braked
    std::chrono::milliseconds restart_retry = kRestartRetry;
    std::chrono::milliseconds stop_patience = std::chrono::seconds{60}; // for what is under way
    std::vector<PoolClass> pool; // of domains that are built ahead
    std::uint64_t pool_mib{};
    unsigned dom0_min_mib = 256; // no client leaves it less
    Autoballoon autoballoon = Autoballoon::off;
};

struct XenAccess {
    SessionFactory open_session;
    std::function<std::unique_ptr<xen::StoreWatch>()> open_watch;
};

class Daemon {
  public:
    /// Claims the state folder, opens Xen, takes over what is there, and listens. Throws Error if
    /// any of it fails.
    Daemon(const DaemonOptions& options, const XenAccess& access);
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    ~Daemon();

    /// SIGTERM and SIGINT become stop().
    void stop_on_signals();
    /// SIGHUP calls this, on the loop thread.
    void on_hangup(std::function<void()> act);
    /// On the loop thread: takes over who is admitted, and the patience of a stop.
    void adjust(const DaemonOptions& options);

    /// Serves until stop(). False if something under way did not end in time: then the process
    /// should end without waiting for its threads; the next start rolls back.
    [[nodiscard]] bool run();

    /// From any thread: accepts no more, lets what is under way end, and has run() return. Domains
    /// live on.
    void stop();

  private:
    Task<void> wind_down();
    void await_hangup();

    DaemonOptions options_;
    UniqueFd state_lock_;
    // Before the server, so after its end: its sockets belong to the loop in here.
    Toolstack toolstack_;
    Server server_;
    asio::signal_set signals_;
    asio::signal_set hangups_;
    std::function<void()> on_hangup_;
    bool is_drained_{false};
};

} // namespace pvh::daemon
