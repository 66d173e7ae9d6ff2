// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/pvhctl.h"

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "libdomain/core/nearest.h"
#include "libdomain/core/version.h"
#include "rpc/limits.h"
#include "rpc/shortened.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace pvh::cli {

namespace {

void setup_globals(::CLI::App& app, Context& context, std::string& socket_path) {
    app.add_option("--socket", socket_path, "The daemon's socket")
        ->envname("PVHCTL_SOCKET")
        ->type_name("PATH")
        ->capture_default_str();
    app.add_flag("--json", context.json, "Print the daemon's answers as JSON");
    app.set_version_flag("--version", fmt::format("pvhctl {}", kVersion));
    app.require_subcommand(1);
    app.fallthrough(); // --json and --socket may stand behind the command, too
    app.footer(describe_exit_statuses);
}

void setup_commands(::CLI::App& app, Context& context) {
    setup_create(app, context);
    setup_plan(app, context);
    setup_check(app, context);
    setup_autostart(app, context);
    setup_list(app, context);
    setup_destroy(app, context);
    setup_shutdown(app, context);
    setup_reboot(app, context);
    setup_pause(app, context);
    setup_unpause(app, context);
    setup_console(app, context);
    setup_domid(app, context);
    setup_domname(app, context);
    setup_info(app, context);
    setup_doctor(app, context);
    setup_metrics(app, context);
    setup_events(app, context);
    setup_wait(app, context);
    setup_jobs(app, context);
    setup_job_wait(app, context);
    setup_job_cancel(app, context);
    setup_block_list(app, context);
    setup_network_list(app, context);
    setup_channel_list(app, context);
    setup_block_attach(app, context);
    setup_block_detach(app, context);
    setup_network_attach(app, context);
    setup_network_detach(app, context);
    setup_cd_insert(app, context);
    setup_cd_eject(app, context);
    setup_dump_core(app, context);
    setup_vcpu_list(app, context);
    setup_vcpu_set(app, context);
    setup_selftest(app, context);
    setup_completion(app, context);
    setup_version(app, context);
}

std::vector<std::string> commands_of(const ::CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* command : app.get_subcommands([](const ::CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

/// A word that stands where a command should, and is none: CLI11 would only say that one is
/// missing.
std::optional<std::string> unknown_command(const ::CLI::App& app,
                                           const std::vector<std::string>& arguments) {
    const std::vector<std::string> commands = commands_of(app);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--socket") ++i; // with its value
        if (word.starts_with('-') || word == "--socket") continue;
        const bool is_known = std::find(commands.begin(), commands.end(), word) != commands.end();
        return is_known ? std::nullopt : std::optional{word};
    }
    return std::nullopt;
}

std::string about_unknown_command(const ::CLI::App& app, const std::string& word) {
    const std::vector<std::string> commands = commands_of(app);
    const auto nearest =
        nearest_of(word, std::vector<std::string_view>{commands.begin(), commands.end()});
    return fmt::format("there is no command \"{}\"{}", rpc::shortened(word),
                       nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "");
}

/// --help and --version arrive as exceptions, too.
int answer_usage(const ::CLI::App& app, const ::CLI::ParseError& error, const std::string& message,
                 Context& context) {
    const bool is_help = error.get_exit_code() == 0;
    if (!is_help) print_note(context, fmt::format("pvhctl: error: {}", message));
    if (!is_help) print_note(context, "hint: run pvhctl --help, or pvhctl COMMAND --help");
    if (is_help) app.exit(error, context.out, context.err);
    return is_help ? kSuccess : kUsage;
}

} // namespace

int run_pvhctl(const std::vector<std::string>& arguments, Context& context,
               const std::function<void(const std::string&)>& use_socket) {
    ::CLI::App app{"Control PVH domains on this host", "pvhctl"};
    std::string socket_path = rpc::kDefaultSocket;
    setup_globals(app, context, socket_path);
    setup_commands(app, context);
    // Runs when all options are read, and before the command does.
    app.parse_complete_callback([&] {
        context.socket = socket_path;
        use_socket(socket_path);
    });
    try {
        app.parse(std::vector<std::string>{arguments.rbegin(),
                                           arguments.rend()}); // CLI11 pops from the back
    } catch (const ::CLI::ParseError& e) {
        const auto unknown = unknown_command(app, arguments);
        return answer_usage(app, e, unknown ? about_unknown_command(app, *unknown) : e.what(),
                            context);
    } catch (const Error& e) {
        fail_with(context, e);
    } catch (const std::exception& e) {
        fail_with(context, Error{Errc::internal, e.what()});
    }
    return context.status;
}

} // namespace pvh::cli
