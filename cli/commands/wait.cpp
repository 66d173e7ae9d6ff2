// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "libdomain/core/ids.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include <CLI/Validators.hpp>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

using namespace std::chrono_literals;

struct WaitOptions {
    std::string domain;
    std::string until = "gone";
    std::optional<double> timeout_seconds;
};

using Clock = std::chrono::steady_clock;

rpc::WaitParams params_of(const WaitOptions& options, Clock::duration waited) {
    rpc::WaitParams params;
    params.domain = parse_selector(options.domain);
    params.until = options.until;
    if (options.timeout_seconds) {
        const std::chrono::duration<double> left = *options.timeout_seconds * 1s - waited;
        params.timeout_ms = static_cast<std::uint64_t>(std::max(left.count(), 0.0) * 1000);
    }
    return params;
}

/// Of one that ended while nobody was there to wait for it; why is in the events.
nlohmann::json ended_unseen(const WaitOptions& options) {
    const rpc::Selector selector = parse_selector(options.domain);
    return rpc::WaitResult{.domain = {.uuid = selector.uuid.value_or(Uuid{}),
                                      .name = selector.name.value_or(""),
                                      .domid = selector.domid.value_or(kNoDomain.value())},
                           .reached = "gone",
                           .shutdown_reason = ""};
}

/// Also over a restart of pvhd.
nlohmann::json wait_for(const WaitOptions& options, Context& context) {
    const bool is_for_end = options.until == "gone" || options.until == "shutdown";
    const auto begin = Clock::now();
    for (bool is_back = false;; is_back = true) {
        try {
            return context.daemon.call("domain.wait", params_of(options, Clock::now() - begin));
        } catch (const rpc::ConnectionLost&) {
            if (!await_return(context)) throw;
        } catch (const Error& e) {
            if (e.code() == Errc::not_found && is_for_end && is_back) return ended_unseen(options);
            const bool is_stopping = e.code() == Errc::cancelled;
            if (!is_stopping || !await_return(context)) throw;
        }
    }
}

void run_wait(const WaitOptions& options, Context& context) {
    const auto answer = wait_for(options, context);
    if (context.json) return print_json(context, answer);
    const auto result = read_as<rpc::WaitResult>("domain.wait", answer);
    if (!result.shutdown_reason.empty()) print_line(context, result.shutdown_reason);
}

} // namespace

void setup_wait(::CLI::App& app, Context& context) {
    auto options = std::make_shared<WaitOptions>();
    ::CLI::App* sub = app.add_subcommand("wait", "Wait until a domain has reached a state");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("--for", options->until, "running, console, shutdown or gone")
        ->check(::CLI::IsMember({"running", "console", "shutdown", "gone"}))
        ->type_name("STATE")
        ->capture_default_str();
    sub->add_option("--timeout", options->timeout_seconds, "Give up after so many seconds")
        ->check(::CLI::Range(0.0, 31536000.0))
        ->type_name("SECONDS");
    sub->footer("Prints why the domain has ended, if it has and Xen told.");
    add_examples(*sub, kLooking, {"pvhctl wait web --for shutdown --timeout 60"});
    sub->callback([options, &context] { run_wait(*options, context); });
}

} // namespace pvh::cli
