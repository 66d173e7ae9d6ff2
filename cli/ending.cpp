// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/ending.h"

#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <thread>
#include <utility>

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
    bool is_asked = false;
    bool may_hear_later = false; // if it is asked again
};

constexpr std::chrono::milliseconds kPauseBetweenQuestions{500};
constexpr std::chrono::seconds kPatienceWithOthers{
    60}; // who work on a domain that is to be destroyed

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

/// Of those that are down and wait to be restarted.
void call_off_restart(const rpc::DomainStatus& domain, Context& context) {
    try_each(context, [&] {
        context.daemon.call("domain.destroy",
                            rpc::Selector{.uuid = domain.domain.uuid, .name = {}, .domid = {}});
        print_note(context, fmt::format("{}: its restart is called off", domain.domain.name));
    });
}

/// All that run and are meant; what is to go down is not to come up by itself either.
std::vector<std::string> every_guest(const EndingOptions& options, std::string_view method,
                                     Context& context) {
    const rpc::ListParams wanted{rpc::Fields{"uuid", "name", "domid", "dying", "managed"}};
    const auto list = call_as<rpc::ListResult>(context.daemon, "domain.list", wanted);
    std::vector<std::string> domids;
    for (const rpc::DomainStatus& domain : list.domains) {
        if (domain.domain.domid == 0 || domain.dying) continue;
        if (options.managed && !domain.managed) continue;
        if (domain.domain.domid != kNoDomain.value())
            domids.push_back(fmt::format("{}", domain.domain.domid));
        else if (method == "domain.shutdown")
            call_off_restart(domain, context);
    }
    return domids;
}

Ending look_up(const rpc::Selector& selector, Context& context) {
    auto now = call_as<rpc::GetResult>(context.daemon, "domain.get", selector);
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

bool is_unreachable(const Error& error) {
    return dynamic_cast<const DaemonUnreachable*>(&error) != nullptr;
}

/// It still boots, or somebody works on it.
bool may_hear_later(const Error& error) {
    return error.code() == Errc::bad_state || error.code() == Errc::busy;
}

/// Asks it to end. One that is destroyed otherwise need not be able to hear.
void ask(Ending& ending, const rpc::ShutdownParams& params, const EndingOptions& options,
         std::string_view method, Context& context) {
    try {
        call_and_report(context, method, params);
        ending.is_asked = true;
    } catch (const Error& e) {
        if (!options.destroy || is_unreachable(e)) throw;
        print_note(context, fmt::format("{}: {}", ending.domain.name, e.what()));
        ending.may_hear_later = may_hear_later(e);
    }
}

/// Those that could not hear are asked again for as long as the time lasts: the others end
/// meanwhile.
void ask_again(std::vector<Ending>& endings, const EndingOptions& options, std::string_view method,
               const Deadline& deadline, Context& context) {
    const auto is_waiting = [](const Ending& ending) { return ending.may_hear_later; };
    while (std::any_of(endings.begin(), endings.end(), is_waiting) && Clock::now() < deadline) {
        std::this_thread::sleep_for(kPauseBetweenQuestions);
        for (Ending& ending : endings) {
            if (!std::exchange(ending.may_hear_later, false)) continue;
            try {
                context.daemon.call(method,
                                    rpc::ShutdownParams{.domain = select_domid(ending.domain),
                                                        .force = options.force});
                ending.is_asked = true;
            } catch (const Error& e) {
                if (is_unreachable(e)) throw;
                ending.may_hear_later = may_hear_later(e);
            }
        }
    }
}

void destroy_when_free(const Ending& ending, Context& context) {
    const auto patience = Clock::now() + kPatienceWithOthers;
    for (;;) {
        try {
            context.daemon.call("domain.destroy",
                                rpc::Selector{.uuid = ending.domain.uuid, .name = {}, .domid = {}});
            return print_note(context,
                              fmt::format("{} was still there: destroyed", ending.domain.name));
        } catch (const Error& e) {
            if (e.code() == Errc::not_found && !is_unreachable(e)) return;
            if (e.code() != Errc::busy || Clock::now() > patience) throw;
        }
        std::this_thread::sleep_for(kPauseBetweenQuestions);
    }
}

/// Gives it its time, and destroys what is there then: by its identity, for it may have been
/// restarted.
void end_for_good(const Ending& ending, const Deadline& deadline, Context& context) {
    try {
        if (ending.is_asked) wait_for(ending, Goal::cleared, deadline, context);
    } catch (const Error& e) {
        if (e.code() != Errc::timeout) throw;
    }
    destroy_when_free(ending, context);
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
    sub.add_flag("--force", options.force, "Do not ask the guest, end it by the hypervisor");
    sub.add_flag("-F")->description("As xl takes it, changes nothing: PVH guests have no button");
    sub.add_option("--timeout", options.timeout_seconds, "Wait at most so long; implies --wait")
        ->check(::CLI::Range(0.0, 1e6))
        ->type_name("SECONDS");
}

void add_last_options(::CLI::App& sub, EndingOptions& options) {
    sub.add_flag("--managed", options.managed, "Of all, only those that pvhd looks after")
        ->needs("--all");
    sub.add_flag("--destroy", options.destroy, "Destroy those that are there when the time is up")
        ->needs("--timeout");
}

void run_ending(const EndingOptions& options, std::string_view method, Goal goal,
                Context& context) {
    if (options.domains.empty() && !options.all) throw ::CLI::RequiredError("DOM or --all");
    const Deadline deadline = deadline_of(options);
    std::vector<Ending> endings;
    for_each_domain(options.all ? every_guest(options, method, context) : options.domains, context,
                    [&](const rpc::Selector& selector) {
                        Ending ending = look_up(selector, context);
                        ask(ending, {.domain = selector, .force = options.force}, options, method,
                            context);
                        endings.push_back(std::move(ending));
                    });
    if (!options.wait && !deadline) return;
    if (options.destroy) ask_again(endings, options, method, deadline, context);
    for (const Ending& ending : endings)
        try_each(context, [&] {
            if (options.destroy) return end_for_good(ending, deadline, context);
            wait_for(ending, goal, deadline, context);
        });
}

} // namespace pvh::cli
