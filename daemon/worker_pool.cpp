// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/worker_pool.h"

#include <sched.h>

namespace pvh::daemon {

namespace {

/// Where a job's end and its coroutine meet. Everything but `failure` belongs to the loop thread;
/// `failure` is written before the end is posted and read after.
struct Completion {
    explicit Completion(asio::io_context& loop)
        : work{loop.get_executor()}, timer{loop, Clock::time_point::max()} {}

    asio::executor_work_guard<asio::io_context::executor_type>
        work;                 // the loop stays for the answer
    asio::steady_timer timer; // never expires: cancelled at the end
    bool is_over{false};
    std::exception_ptr failure;
};

/// A thread that waits for xenstored is not to be given the CPU at each of its answers: where they
/// share one, that costs more than the answers do. Without the right to it nothing changes.
void become_patient() {
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_BATCH, &none);
}

void finish(const std::shared_ptr<Completion>& completion) {
    completion->is_over = true;
    completion->timer.cancel();
}

} // namespace

WorkerPool::WorkerPool(asio::io_context& loop, unsigned threads, const SessionFactory& open_session)
    : loop_{loop} {
    std::vector<WorkerSession> sessions;
    for (unsigned i = 0; i < threads; ++i)
        sessions.push_back(open_session());
    for (WorkerSession& session : sessions)
        threads_.emplace_back(&WorkerPool::serve, this, std::move(session));
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock{mutex_};
        is_closing_ = true;
        queue_.clear();
    }
    has_news_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

Task<void> WorkerPool::perform(Work work) {
    auto completion = std::make_shared<Completion>(loop_);
    // Gives its reference away with the news: the timer must not be destroyed on a worker's thread.
    Work reported = [&loop = loop_, completion,
                     work = std::move(work)](WorkerContext& context) mutable {
        try {
            work(context);
        } catch (...) { // a root: it carries everything over to the coroutine that waits
            completion->failure = std::current_exception();
        }
        asio::post(loop, [completion = std::move(completion)] { finish(completion); });
    };
    enqueue(std::move(reported));
    boost::system::error_code ignored; // cancelled: that is the news
    if (!completion->is_over)
        co_await completion->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (completion->failure) std::rethrow_exception(completion->failure);
}

void WorkerPool::enqueue(Work work) {
    {
        const std::lock_guard lock{mutex_};
        queue_.push_back(std::move(work));
    }
    has_news_.notify_one();
}

std::optional<WorkerPool::Work> WorkerPool::take() {
    std::unique_lock lock{mutex_};
    has_news_.wait(lock, [&] { return is_closing_ || !queue_.empty(); });
    if (is_closing_) return std::nullopt;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    return work;
}

void WorkerPool::serve(WorkerSession session) {
    become_patient();
    WorkerContext context{*session.xen.hypervisor, *session.xen.store, *session.devices};
    while (const auto work = take())
        (*work)(context);
}

} // namespace pvh::daemon
