// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <cstdint>
#include <memory>
#include <optional>

#include <CLI/Validators.hpp>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct WaitOptions {
    std::string domain;
    std::string until = "gone";
    std::optional<double> timeout_seconds;
};

rpc::WaitParams params_of(const WaitOptions& options) {
    rpc::WaitParams params;
    params.domain = parse_selector(options.domain);
    params.until = options.until;
    if (options.timeout_seconds)
        params.timeout_ms = static_cast<std::uint64_t>(*options.timeout_seconds * 1000);
    return params;
}

void run_wait(const WaitOptions& options, Context& context) {
    const auto answer = context.daemon.call("domain.wait", params_of(options));
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
    sub->footer("Prints why the domain has ended, if it has and Xen told:\n"
                "  pvhctl wait web --for shutdown --timeout 60");
    sub->callback([options, &context] { run_wait(*options, context); });
}

} // namespace pvh::cli
