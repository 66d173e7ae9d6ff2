// SPDX-License-Identifier: LGPL-2.1-or-later
// What the coroutines of the daemon share. Touched by the loop thread only; jobs for the workers
// get values out of it.
#pragma once

#include "daemon/asio.h"
#include "daemon/change_signal.h"
#include "daemon/counters.h"
#include "daemon/endings.h"
#include "daemon/event_log.h"
#include "daemon/jobs.h"
#include "daemon/log_brake.h"
#include "daemon/registry.h"
#include "daemon/request_log.h"
#include "daemon/state_dir.h"
#include "daemon/worker_pool.h"
#include "libdomain/autoballoon.h"
#include "libdomain/boot/build_plan.h"
#include "libdomain/image/image_cache.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace pvh::daemon {

class HostWatcher;
class Pool;
class QemuWatch;

/// Where xl puts core dumps by itself.   [XEN_DUMP_DIR in config/Paths.mk.in of Xen]
inline constexpr const char* kDumpFolder = "/var/lib/xen/dump";

/// Members are declared so that they end in the right order: first the threads that post to the
/// loop, then the loop with the coroutines it still holds, then what those refer to.
struct Toolstack {
    Toolstack(StateDir state_dir, unsigned builder_threads, const SessionFactory& open_session);
    Toolstack(const Toolstack&) = delete;
    Toolstack& operator=(const Toolstack&) = delete;
    ~Toolstack();

    /// Notes what happened beyond the life of a domain, which the registry tells by itself.
    void report(rpc::EventType type, const Domain& domain, const std::string& name,
                rpc::EventData data = {});

    Registry registry;
    ChangeSignal changed; // of the registry, the events, a connection, is_stopping
    StateDir states;
    EventLog events;
    RequestLog requests;
    Jobs jobs;
    std::shared_ptr<image::ImageCache> images;
    const std::uint64_t max_ramdisk;                   // bytes
    std::shared_ptr<const boot::HostFacts> host_facts; // filled in at the start, then only read
    std::string console_socket;                        // of pvhconsoled, set once at the start
    std::string dump_folder = kDumpFolder;             // of core dumps that policies want
    std::unique_ptr<HostWatcher> watcher;              // set once at the start
    std::unique_ptr<QemuWatch> qemus;
    std::unique_ptr<Pool> pool;
    std::chrono::milliseconds quick_end = kQuickEnd;         // who ends sooner is braked
    std::chrono::milliseconds restart_retry = kRestartRetry; // after one that failed
    bool are_events_told{}; // once what happened while there was no pvhd has been
    Counters counters;
    LogBrake refusals;
    unsigned dom0_min_mib = 256; // what a client must leave it
    Autoballoon autoballoon = Autoballoon::off;
    unsigned doctor_jobs{};          // under way; some may be stuck
    std::atomic<bool> is_stopping{}; // workers look at it, too
    unsigned running{};              // requests and policies under way: what a stop waits for

    asio::io_context loop{1};
    WorkerPool builders;     // create, destroy, restart: seconds
    WorkerPool queries;      // a few hypercalls each; never behind a build
    WorkerPool lone_builder; // one after the other: what is prepared, what dom0 makes room for
};

/// Counts a piece of work that a stop waits for.
class [[nodiscard]] RunningMark {
  public:
    explicit RunningMark(Toolstack& toolstack) : toolstack_{toolstack} { ++toolstack_.running; }

    RunningMark(const RunningMark&) = delete;
    RunningMark& operator=(const RunningMark&) = delete;

    ~RunningMark() {
        --toolstack_.running;
        toolstack_.changed.notify();
    }

  private:
    Toolstack& toolstack_;
};

} // namespace pvh::daemon
