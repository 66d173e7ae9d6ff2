// SPDX-License-Identifier: LGPL-2.1-or-later
// job.get, job.list, job.wait, job.cancel
#include "daemon/job_status.h"

#include "daemon/build_job.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "rpc/jsonrpc.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

std::string state_of(const Job& job) {
    if (!job.ended) return "running";
    if (job.result) return "done";
    return job.is_cancelled ? "cancelled" : "failed";
}

std::shared_ptr<Job> require_job(const Toolstack& toolstack, const std::string& id) {
    if (auto job = toolstack.jobs.find(id)) return job;
    throw Error{Errc::not_found, "there is no such job"}.with_hint(
        "it ended long ago, or with the pvhd before this one; pvhctl jobs lists those there are");
}

} // namespace

rpc::JobStatus status_of(const Job& job) {
    const Progress::Sight sight = job.progress->sight();
    const auto took = job.ended.value_or(Clock::now()) - job.began;
    rpc::JobStatus status;
    status.job = job.id;
    status.method = job.method;
    status.by = job.by;
    status.subject = *job.subject;
    status.state = state_of(job);
    status.stage = sight.stage;
    status.done = sight.done;
    status.total = job.method == "domain.create" ? kBuildStages : 0;
    status.elapsed_us = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    status.result = job.result;
    status.error = job.error;
    return status;
}

void tell_progress(const Job& job, const Progress::Sight& sight, Outlet& outlet) {
    if (!outlet.is_open()) return;
    rpc::JobStatus status = status_of(job);
    status.stage = sight.stage;
    status.done = sight.done;
    status.result.reset();
    status.error.reset();
    outlet.send(rpc::make_notification("job.progress", status));
}

namespace verbs {

Task<rpc::JobStatus> cancel_job(Call call, rpc::JobParams params) {
    const auto job = require_job(call.toolstack, params.job);
    job->progress->cancel();
    co_return status_of(*job);
}

Task<rpc::JobStatus> get_job(Call call, rpc::JobParams params) {
    co_return status_of(*require_job(call.toolstack, params.job));
}

Task<rpc::JobListResult> list_jobs(Call call, rpc::NoParams /*params*/) {
    rpc::JobListResult result;
    for (const auto& job : call.toolstack.jobs.all())
        result.jobs.push_back(status_of(*job));
    co_return result;
}

Task<rpc::JobStatus> wait_for_job(Call call, rpc::JobWaitParams params) {
    constexpr std::uint64_t kLongestMs = 366ULL * 24 * 3600 * 1000;
    const auto job = require_job(call.toolstack, params.job);
    const auto deadline =
        params.timeout_ms
            ? Clock::now() + std::chrono::milliseconds{std::min(*params.timeout_ms, kLongestMs)}
            : Clock::time_point::max();
    while (!job->ended) {
        if (!call.peer->is_connected) throw Error{Errc::cancelled, "the client went away"};
        if (Clock::now() >= deadline)
            throw Error{Errc::timeout, fmt::format("job {} did not end in time", job->id)};
        co_await call.toolstack.changed.wait(deadline);
    }
    co_return status_of(*job);
}

} // namespace verbs

} // namespace pvh::daemon
