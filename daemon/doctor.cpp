// SPDX-License-Identifier: LGPL-2.1-or-later
// system.doctor
#include "daemon/spawn.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/doctor/host_checks.h"
#include "libdomain/doctor/xen_checks.h"
#include "rpc/unix_address.h"

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace pvh::daemon::verbs {

namespace {

using doctor::Check;
using doctor::Checks;
using Job = std::function<Checks(WorkerContext&)>;

/// What does not answer by then is what is wrong.
constexpr std::chrono::seconds kPatience{10};
constexpr unsigned kMostJobs = 16; // at a time

/// What cannot be asked is a finding, no failure of the question.
Checks findings_of(const char* name, const std::function<Checks()>& look) {
    try {
        return look();
    } catch (const Error& e) {
        return {doctor::fail(name, e.what(), e.hint())};
    }
}

Checks look_at_xen(WorkerContext& context) {
    return findings_of("xen", [&] {
        const auto dom0 = context.hypervisor.domain_info(kDom0);
        return doctor::check_xen(context.hypervisor.host_info(), dom0.value_or(xen::DomainInfo{}));
    });
}

Checks look_at_store(WorkerContext& context) {
    return findings_of("xenstored", [&]() -> Checks {
        const std::string name = doctor::find_xenstored();
        const auto begin = Clock::now();
        context.store.read("/local/domain/0/name");
        return {doctor::check_xenstored(
            name, std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin))};
    });
}

Check silent_xenstored() {
    return doctor::fail("xenstored", "it does not answer",
                        "see whether it runs; after a restart of it the host has to boot");
}

void append(Checks& all, Checks more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

/// What a job came to, for whom it may come too late.
struct Slot {
    std::optional<Checks> found;
};

Task<void> fill(Toolstack& toolstack, std::shared_ptr<Slot> slot, Job job) {
    ++toolstack.doctor_jobs;
    const ScopeExit done{[&] {
        --toolstack.doctor_jobs;
        toolstack.changed.notify();
    }};
    try {
        slot->found = co_await toolstack.queries.run(std::move(job));
    } catch (const std::exception& e) {
        slot->found = Checks{doctor::fail("pvhd", e.what(), "see its log")};
    }
}

/// Nothing if it takes too long: the thread for queries is stuck then, or waits for what is. Those
/// who ask meanwhile are not to make the queue behind it longer and longer.
Task<std::optional<Checks>> run_within(Toolstack& toolstack, Job job) {
    const auto slot = std::make_shared<Slot>();
    const auto deadline = Clock::now() + kPatience;
    while (toolstack.doctor_jobs >= kMostJobs && Clock::now() < deadline)
        co_await toolstack.changed.wait(deadline);
    if (toolstack.doctor_jobs < kMostJobs)
        spawn(toolstack.loop, "system.doctor", fill(toolstack, slot, std::move(job)));
    while (!slot->found && Clock::now() < deadline)
        co_await toolstack.changed.wait(deadline);
    co_return std::move(slot->found);
}

rpc::DoctorCheck message_of(Check check) {
    return {.name = std::move(check.name),
            .status = std::string{to_string(check.status)},
            .message = std::move(check.message),
            .hint = std::move(check.hint)};
}

} // namespace

Task<rpc::DoctorResult> doctor(Call call, rpc::NoParams /*params*/) {
    Toolstack& toolstack = call.toolstack;
    Job host_job = [console = toolstack.console_socket,
                    states = toolstack.states.path()](WorkerContext& context) {
        Checks checks = doctor::check_host({.is_console_served = rpc::is_served(console)});
        append(checks, look_at_xen(context));
        checks.push_back(doctor::check_state_folder(states));
        return checks;
    };
    Checks checks;
    auto of_host = co_await run_within(toolstack, std::move(host_job));
    if (of_host) {
        append(checks, *std::move(of_host));
        Job store_job = look_at_store;
        auto of_store = co_await run_within(toolstack, std::move(store_job));
        if (!of_store) of_store = Checks{silent_xenstored()};
        append(checks, *std::move(of_store));
    } else {
        checks.push_back(doctor::fail("pvhd", "its thread for queries does not get to this one",
                                      "something before it hangs, xenstored mostly: see its log"));
    }

    rpc::DoctorResult result;
    for (Check& check : checks)
        result.checks.push_back(message_of(std::move(check)));
    co_return result;
}

} // namespace pvh::daemon::verbs
