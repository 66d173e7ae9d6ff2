// SPDX-License-Identifier: LGPL-2.1-or-later
// Threads for what blocks. Each owns its session with Xen: handles of libxenctrl and libxenstore
// are not for sharing.
#pragma once

#include "daemon/asio.h"
#include "libdomain/device/host_devices.h"
#include "libdomain/xen/open.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace pvh::daemon {

/// What a job may touch beside the values it was given. It never sees the registry: that sentence
/// is the thread-safety argument.
struct WorkerContext {
    xen::Hypervisor& hypervisor;
    xen::Store& store;
    device::HostDevices& devices;
};

/// What one thread works with.
struct WorkerSession {
    xen::Session xen;
    std::unique_ptr<device::HostDevices> devices;
};

using SessionFactory = std::function<WorkerSession()>;

class WorkerPool {
  public:
    /// Opens all sessions first, so that what is wrong with Xen is thrown here and no thread has
    /// begun.
    WorkerPool(asio::io_context& loop, unsigned threads, const SessionFactory& open_session);
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;
    /// Waits for the jobs that have begun; those that have not are dropped.
    ~WorkerPool();

    /// Runs a job on one of the threads; its result or exception arrives back on the loop thread.
    /// The job owns its values: it outlives a caller that goes away.
    template <class R> Task<R> run(std::function<R(WorkerContext&)> job);

  private:
    using Work = std::function<void(WorkerContext&)>;

    Task<void> perform(Work work);
    void enqueue(Work work);
    std::optional<Work> take();
    void serve(WorkerSession session);

    asio::io_context& loop_;
    std::mutex mutex_;
    std::condition_variable has_news_;
    std::deque<Work> queue_;
    bool is_closing_{false};
    std::vector<std::thread> threads_;
};

template <class R> Task<R> WorkerPool::run(std::function<R(WorkerContext&)> job) {
    if constexpr (std::is_void_v<R>) {
        co_await perform(std::move(job));
    } else {
        auto result = std::make_shared<std::optional<R>>();
        Work work = [result, job = std::move(job)](WorkerContext& context) {
            result->emplace(job(context));
        };
        co_await perform(std::move(work));
        co_return std::move(result->value());
    }
}

} // namespace pvh::daemon
