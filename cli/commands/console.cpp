// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/console_session.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <memory>

#include <CLI/Error.hpp>
#include <CLI/Validators.hpp>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

constexpr const char* kConsoleFooter =
    "On a terminal, Ctrl-] leaves the console. Input that is no terminal is sent to\n"
    "the domain; when it ends, output goes on until the domain does, or for as long\n"
    "as --linger says.\n"
    "Any number may read a console, one types. The last MiB that a domain printed is\n"
    "kept, also after its end.";

struct ConsoleOptions {
    std::string domain;
    std::string channel;
    bool replay = false;
    bool follow = false;
    bool read_only = false;
    bool write = false;
    std::optional<double> linger_seconds;
};

ConsoleWish wish_of(const ConsoleOptions& options) {
    return {.replay = options.replay,
            .follow = options.follow || !options.replay,
            .read_only = options.read_only,
            .take_over = options.write};
}

std::optional<std::chrono::milliseconds> linger_of(const ConsoleOptions& options) {
    if (!options.linger_seconds) return std::nullopt;
    return std::chrono::ceil<std::chrono::milliseconds>(
        std::chrono::duration<double>{*options.linger_seconds});
}

void run_channel(const ConsoleOptions& options, const rpc::Selector& selector, Context& context) {
    if (!context.json)
        return show_console(open_channel(selector, options.channel, context), linger_of(options),
                            context);
    const rpc::DeviceStatus channel = find_channel(selector, options.channel, context);
    print_json(
        context,
        {{"name", channel.name}, {"connection", channel.connection}, {"path", channel.path}});
}

void run_console(const ConsoleOptions& options, Context& context) {
    const rpc::Selector selector = parse_selector(options.domain);
    if (!options.channel.empty()) return run_channel(options, selector, context);
    // With --json, only where it is: for programs that open it themselves.
    if (context.json) return print_json(context, context.daemon.call("domain.console", selector));
    show_console(open_console(selector, wish_of(options), context), linger_of(options), context);
}

} // namespace

void setup_console(::CLI::App& app, Context& context) {
    auto options = std::make_shared<ConsoleOptions>();
    ::CLI::App* sub = app.add_subcommand("console", "Attach to a domain's console");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    auto* replay = sub->add_flag("--replay", options->replay,
                                 "Print what is kept of what the domain has printed");
    sub->add_flag("--follow", options->follow, "Stay attached after that")->needs(replay);
    auto* read_only = sub->add_flag("--read-only", options->read_only, "Type nothing");
    auto* write =
        sub->add_flag("--write", options->write, "Be the one who types, whoever did before");
    write->excludes(read_only);
    sub->add_option("--channel", options->channel,
                    "A channel of the domain in place of its console")
        ->type_name("CHANNEL")
        ->excludes(replay)
        ->excludes(read_only)
        ->excludes(write);
    sub->add_option("--linger", options->linger_seconds,
                    "Leave so many seconds after the input has ended")
        ->check(::CLI::Range(0.0, 86400.0))
        ->type_name("SECONDS");
    sub->footer(kConsoleFooter);
    add_examples(*sub, kLooking,
                 {"pvhctl console web", "pvhctl console --replay web",
                  "pvhctl console --read-only web >web.log",
                  "printf 'uptime\\n' | pvhctl console web --linger 2"});
    sub->callback([options, &context] { run_console(*options, context); });
}

} // namespace pvh::cli
