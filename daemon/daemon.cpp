// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/daemon.h"

#include "daemon/adopt.h"
#include "daemon/dump_file.h"
#include "daemon/host_memory.h"
#include "daemon/host_watcher.h"
#include "daemon/policy.h"
#include "daemon/qemu_watch.h"
#include "daemon/record_change.h"
#include "daemon/revival.h"
#include "daemon/service_notes.h"
#include "daemon/spawn.h"
#include "libdomain/core/log.h"
#include "libdomain/host.h"
#include "rpc/unix_address.h"

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include <systemd/sd-daemon.h>

namespace pvh::daemon {

namespace {

/// As many as there are CPUs, but in a small dom0 only one for every 512 MiB: what each may hold of
/// kernels and ramdisks is a share of its memory.
unsigned builders_for(unsigned wanted) {
    if (wanted != 0) return wanted;
    const auto by_memory =
        static_cast<unsigned>(std::min<std::uint64_t>(host_memory() / (512 * kMiB), 8));
    return std::clamp(std::min(std::thread::hardware_concurrency(), by_memory), 2U, 8U);
}

/// Everything that is read of Xen before the first client comes; by a session of its own that ends
/// with it. Returns the domains whose restart was cut short.
std::vector<DomainSpec> prepare(Toolstack& toolstack, const XenAccess& access) {
    const WorkerSession session = access.open_session();
    WorkerContext context{*session.xen.hypervisor, *session.xen.store, *session.devices};
    std::vector<DomainSpec> restarting = take_over(context, toolstack.states, toolstack.registry);
    record_changes(toolstack.events, toolstack.registry);
    toolstack.are_events_told = true;
    toolstack.host_facts = std::make_shared<const boot::HostFacts>(
        gather_host_facts(context.hypervisor, context.store));
    toolstack.watcher = std::make_unique<HostWatcher>(toolstack, access.open_watch());
    return restarting;
}

} // namespace

Daemon::Daemon(const DaemonOptions& options, const XenAccess& access)
    : options_{options}, state_lock_{StateDir{options.state_dir}.claim()},
      toolstack_{StateDir{options.state_dir}, builders_for(options.builder_threads),
                 access.open_session},
      server_{toolstack_, Listener::open(options.socket, options.group), options.limits,
              options.admission},
      signals_{toolstack_.loop}, hangups_{toolstack_.loop} {
    toolstack_.quick_end = options.quick_end;
    toolstack_.dom0_min_mib = options.dom0_min_mib;
    toolstack_.autoballoon = options.autoballoon;
    toolstack_.restart_retry = options.restart_retry;
    toolstack_.dump_folder = options.dump_folder;
    DumpFile::remove_parts(options.dump_folder);
    toolstack_.console_socket = rpc::console_socket_beside(options.socket);
    std::vector<DomainSpec> restarting = prepare(toolstack_, access);
    toolstack_.watcher->start();
    for (const auto& [id, record] : toolstack_.registry.records())
        toolstack_.qemus->follow(record);
    spawn(toolstack_.loop, "policies", enforce_policies(toolstack_));
    for (DomainSpec& spec : restarting)
        spawn(toolstack_.loop, "restart", resume_restart(toolstack_, std::move(spec)));
    if (!options.pool.empty()) toolstack_.pool->start(options.pool, options.pool_mib);
    server_.start();
}

Daemon::~Daemon() = default;

void Daemon::stop_on_signals() {
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](const boost::system::error_code& failure, int signal) {
        if (failure) return;
        log::info("signal {}: stopping", signal);
        stop();
    });
}

void Daemon::on_hangup(std::function<void()> act) {
    on_hangup_ = std::move(act);
    hangups_.add(SIGHUP);
    await_hangup();
}

void Daemon::await_hangup() {
    hangups_.async_wait([this](const boost::system::error_code& failure, int /*signal*/) {
        if (failure) return;
        on_hangup_();
        await_hangup();
    });
}

void Daemon::adjust(const DaemonOptions& options) {
    options_.stop_patience = options.stop_patience;
    toolstack_.dom0_min_mib = options.dom0_min_mib;
    toolstack_.autoballoon = options.autoballoon;
    server_.admit(options.admission);
}

bool Daemon::run() {
    sd_notify(0, "READY=1");
    spawn(toolstack_.loop, "the watchdog", feed_watchdog(toolstack_.loop));
    spawn(toolstack_.loop, "the service's status", tell_status(toolstack_));
    log::info("serving {}; {} domains here", options_.socket, toolstack_.registry.records().size());
    const auto stay = asio::make_work_guard(toolstack_.loop);
    toolstack_.loop.run();
    return is_drained_;
}

void Daemon::stop() {
    asio::post(toolstack_.loop, [this] {
        if (toolstack_.is_stopping.exchange(true)) return;
        spawn(toolstack_.loop, "stopping", wind_down());
    });
}

Task<void> Daemon::wind_down() {
    sd_notify(0, "STOPPING=1");
    server_.stop();
    toolstack_.changed.notify(); // waits end, brakes are let go
    spawn(toolstack_.loop, "giving back what is prepared", toolstack_.pool->close());
    const auto deadline = Clock::now() + options_.stop_patience;
    const auto is_busy = [&] {
        return toolstack_.running > 0 || server_.connections() > 0 || !toolstack_.pool->is_empty();
    };
    while (is_busy() && Clock::now() < deadline)
        co_await toolstack_.changed.wait(deadline);
    is_drained_ = toolstack_.running == 0;
    if (!is_drained_)
        log::error("{} operations did not end in time: leaving them to the next start",
                   toolstack_.running);
    server_.close_all();
    toolstack_.watcher->stop();
    signals_.cancel();
    hangups_.cancel();
    toolstack_.loop.stop();
}

} // namespace pvh::daemon
