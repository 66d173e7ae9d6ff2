// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/ending.h"

#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <functional>
#include <limits>

#include <CLI/Error.hpp>
#include <CLI/Validators.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;

/// A domain that was asked to end.
struct Ending {
    rpc::Identity domain;
    std::optional<DomainSpec> spec;
};

Deadline deadline_of(const EndingOptions& options) {
    if (!options.timeout_seconds) return std::nullopt;
    return Clock::now() + std::chrono::ceil<Clock::duration>(
                              std::chrono::duration<double>{*options.timeout_seconds});
}

std::optional<std::uint64_t> milliseconds_left(const Deadline& deadline) {
    if (!deadline) return std::nullopt;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0));
}

std::vector<std::string> every_guest(Context& context) {
    const auto list =
        call_as<rpc::ListResult>(context.daemon, "domain.list", nlohmann::json::object());
    std::vector<std::string> domids;
    for (const rpc::DomainStatus& domain : list.domains)
        if (domain.domain.domid != 0 && !domain.dying)
            domids.push_back(fmt::format("{}", domain.domain.domid));
    return domids;
}

Ending request(const rpc::Selector& selector, const EndingOptions& options, std::string_view method,
               Context& context) {
    auto now = call_as<rpc::GetResult>(context.daemon, "domain.get", selector);
    const rpc::ShutdownParams params{.domain = selector, .force = options.force};
    call_and_report(context, method, params);
    return {.domain = std::move(now.status.domain), .spec = std::move(now.spec)};
}

/// By domid: a restart gives the domain another one, and the one that was asked to end is gone
/// then.
rpc::WaitResult wait_until(const Ending& ending, const char* until, const Deadline& deadline,
                           Context& context) {
    const rpc::WaitParams params{.domain = select_domid(ending.domain),
                                 .until = until,
                                 .timeout_ms = milliseconds_left(deadline)};
    try {
        return call_as<rpc::WaitResult>(context.daemon, "domain.wait", params);
    } catch (const DaemonUnreachable&) {
        throw;
    } catch (const Error& e) {
        if (e.code() != Errc::not_found) throw;
        return {.domain = ending.domain,
                .reached = "gone",
                .shutdown_reason = {}}; // before we could ask
    }
}

void wait_for(const Ending& ending, Goal goal, const Deadline& deadline, Context& context) {
    const rpc::WaitResult stopped = wait_until(ending, "shutdown", deadline, context);
    const bool leaves =
        stopped.reached != "gone" && leaves_after(ending.spec, stopped.shutdown_reason);
    if (goal == Goal::cleared && leaves) wait_until(ending, "gone", deadline, context);
}

} // namespace

bool leaves_after(const std::optional<DomainSpec>& spec, std::string_view shutdown_reason) {
    if (shutdown_reason.empty()) return true;
    if (!spec || shutdown_reason == "suspend") return false;
    EndAction action = spec->on_crash; // what the daemon does for reasons it does not know
    if (shutdown_reason == "poweroff") action = spec->on_poweroff;
    if (shutdown_reason == "reboot") action = spec->on_reboot;
    if (shutdown_reason == "watchdog") action = spec->on_watchdog;
    if (shutdown_reason == "soft_reset") action = spec->on_soft_reset;
    return action == EndAction::destroy || action == EndAction::coredump_destroy;
}

void add_ending_options(::CLI::App& sub, EndingOptions& options) {
    auto* domains = sub.add_option("DOM", options.domains, std::string{kDomainHelp});
    auto* all = sub.add_flag("-a,--all", options.all, "Every domain but dom0");
    domains->excludes(all);
    sub.add_flag("-w,--wait", options.wait, "Wait until they have ended");
    sub.add_flag("-F,--force", options.force, "Do not ask the guest, end it by the hypervisor");
    sub.add_option("--timeout", options.timeout_seconds, "Wait at most so long; implies --wait")
        ->check(::CLI::Range(0.0, 1e6))
        ->type_name("SECONDS");
}

void run_ending(const EndingOptions& options, std::string_view method, Goal goal,
                Context& context) {
    if (options.domains.empty() && !options.all) throw ::CLI::RequiredError("DOM or --all");
    const Deadline deadline = deadline_of(options);
    std::vector<Ending> endings;
    for_each_domain(options.all ? every_guest(context) : options.domains, context,
                    [&](const rpc::Selector& selector) {
                        endings.push_back(request(selector, options, method, context));
                    });
    if (!options.wait && !deadline) return;
    for (const Ending& ending : endings)
        try_each(context, [&] { wait_for(ending, goal, deadline, context); });
}

} // namespace pvh::cli
