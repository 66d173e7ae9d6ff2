// SPDX-License-Identifier: LGPL-2.1-or-later
// What methods that do one thing to one domain have in common.
#pragma once

#include "daemon/asio.h"
#include "daemon/call.h"
#include "daemon/host_watcher.h"
#include "daemon/toolstack.h"
#include "libdomain/core/error.h"
#include "rpc/messages.h"

#include <functional>
#include <utility>

namespace pvh::daemon {

using QuickJob = std::function<void(WorkerContext&)>;

/// Runs a job of a few hypercalls on a domain whose operation the caller holds.
template <class R>
Task<R> run_on_domain(Toolstack& toolstack, std::function<R(WorkerContext&)> job) {
    try {
        co_return co_await toolstack.queries.run(std::move(job));
    } catch (const Error& e) {
        // Its end may have been seen while the operation held the record.
        if (e.code() == Errc::not_found) toolstack.watcher->request_rescan();
        throw;
    }
}

/// Selects a guest, takes the operation, runs the job.
Task<Record> act(Call call, rpc::Selector selector, Op op,
                 std::function<QuickJob(Domain)> make_job);

/// Gives a managed domain another spec, in its file first.
void keep_spec(Toolstack& toolstack, const Domain& domain, DomainSpec spec);

} // namespace pvh::daemon
