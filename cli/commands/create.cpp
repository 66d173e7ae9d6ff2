// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/console_session.h"
#include "cli/domains.h"
#include "cli/plan_text.h"
#include "cli/selector.h"
#include "cli/signal_catcher.h"
#include "rpc/messages_json.h"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

constexpr const char* kCreateFooter =
    "FILE is in the language of xl.cfg(5), or JSON as plan --json prints it, which\n"
    "takes no KEY=VALUE; - is standard input, and /dev/null no file at all. KEY=VALUE\n"
    "overrides the file, KEY+=VALUE adds to it; strings need no quotes there.";

struct CreateOptions {
    std::string file;
    std::vector<std::string> overrides;
    bool paused = false;
    bool console = false;
    bool dry_run = false;
    bool quiet = false;
    bool strict = false;
    bool trace = false;
    bool job = false;
    std::string request_id;
};

rpc::CreateParams make_params(const CreateOptions& options, Context& context) {
    require_assignments(options.overrides);
    if (!options.quiet)
        print_note(context,
                   fmt::format("Parsing config from {}", config_display_name(options.file)));
    Description description = read_description(options.file, options.overrides, context);
    rpc::CreateParams params;
    params.config = std::move(description.config);
    params.spec = std::move(description.spec);
    params.config_name = std::move(description.name);
    params.overrides = std::move(description.overrides);
    params.directory = current_directory();
    params.strict = options.strict;
    params.paused = options.paused || options.console;
    params.trace = options.trace;
    return params;
}

void print_warnings(const std::vector<std::string>& warnings, Context& context) {
    for (const std::string& warning : warnings)
        print_note(context, warning);
}

void print_timeline(const std::vector<rpc::TimelineStage>& timeline, Context& context) {
    for (const rpc::TimelineStage& stage : timeline)
        print_note(context, fmt::format("{:>9} us  {}", stage.elapsed_us, stage.stage));
}

void show_plan(const rpc::CreateParams& params, Context& context) {
    const auto answer = context.daemon.call("domain.plan", params);
    const auto plan = read_as<rpc::PlanResult>("domain.plan", answer);
    print_warnings(plan.warnings, context);
    if (context.json) return print_json(context, answer);
    const std::string text = plan_text(plan);
    print_line(context, std::string_view{text}.substr(0, text.size() - 1));
}

/// The console is open before the domain runs, so that it shows its first line.
void start_with_console(const rpc::Identity& domain, const CreateOptions& options,
                        std::optional<SignalCatcher>& hold, Context& context) {
    const rpc::Selector selector = select_domid(domain);
    const auto start = [&] {
        if (!options.paused) context.daemon.call("domain.unpause", selector);
        hold.reset();
    };
    std::optional<ConsoleSession> session;
    try {
        session = open_console(selector, ConsoleWish{}, context);
    } catch (const Error&) {
        start(); // without a console it is still the domain that was asked for
        throw;
    }
    start();
    show_console(*session, std::nullopt, context);
}

void run_create(const CreateOptions& options, Context& context) {
    const rpc::CreateParams params = make_params(options, context);
    if (options.dry_run) return show_plan(params, context);

    // Until its console is open such a domain is paused: ended there, we would leave it so.
    std::optional<SignalCatcher> hold;
    if (options.console) hold.emplace();
    nlohmann::json request = params;
    if (!options.request_id.empty()) request["request_id"] = options.request_id;
    if (options.job) return begin_job(context, "domain.create", std::move(request));
    const auto answer = context.daemon.call("domain.create", request);
    const auto result = read_as<rpc::CreateResult>("domain.create", answer);
    print_warnings(result.warnings, context);
    if (context.json)
        print_json(context, answer);
    else
        print_timeline(result.timeline, context);
    if (options.console) start_with_console(result.domain, options, hold, context);
}

void add_config_options(::CLI::App& command, CreateOptions& options) {
    command.add_option("FILE", options.file, "The config")->required()->type_name("CONFIG");
    command.add_option("KEY=VALUE", options.overrides, "Options that override the config")
        ->type_name("OPTION");
    command.add_flag("-q,--quiet", options.quiet, "Do not say what is being read");
    command.add_flag("--strict", options.strict, "Refuse options that nobody knows");
    command.footer(kCreateFooter);
}

} // namespace

void setup_create(::CLI::App& app, Context& context) {
    auto options = std::make_shared<CreateOptions>();
    ::CLI::App* sub = app.add_subcommand("create", "Create a domain from a config, and start it");
    add_config_options(*sub, *options);
    sub->add_flag("-p,--paused", options->paused, "Leave the domain paused");
    auto* console = sub->add_flag("-c,--console", options->console,
                                  "Attach to the console from the first line on");
    sub->add_flag("--job", options->job, "Return at once and print the job that builds it")
        ->excludes(console);
    sub->add_option("--request-id", options->request_id,
                    "A name for this request: sent again, it makes no second domain")
        ->excludes(console)
        ->type_name("ID");
    sub->add_flag("-n,--dry-run,--dryrun", options->dry_run,
                  "Print what would be built, touch nothing");
    sub->add_flag("--trace", options->trace, "Print what each stage took");
    add_examples(*sub, kStarting,
                 {"pvhctl create web.cfg", "pvhctl create -c web.cfg memory=1024 extra+=' quiet'",
                  "pvhctl create --job web.cfg"});
    sub->callback([options, &context] { run_create(*options, context); });
}

void setup_plan(::CLI::App& app, Context& context) {
    auto options = std::make_shared<CreateOptions>();
    options->dry_run = true;
    ::CLI::App* sub =
        app.add_subcommand("plan", "Print what create would do, step by step; touch nothing");
    add_config_options(*sub, *options);
    add_examples(*sub, kStarting,
                 {"pvhctl plan web.cfg vcpus=4", "pvhctl plan --json web.cfg >web.json"});
    sub->callback([options, &context] { run_create(*options, context); });
}

} // namespace pvh::cli
