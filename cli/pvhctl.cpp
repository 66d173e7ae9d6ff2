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
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
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

struct Command {
    std::string_view name;
    void (*set_up)(::CLI::App& app, Context& context);
};

constexpr Command kCommands[] = {{"create", setup_create},
                                 {"plan", setup_plan},
                                 {"check", setup_check},
                                 {"autostart", setup_autostart},
                                 {"list", setup_list},
                                 {"destroy", setup_destroy},
                                 {"shutdown", setup_shutdown},
                                 {"reboot", setup_reboot},
                                 {"pause", setup_pause},
                                 {"unpause", setup_unpause},
                                 {"console", setup_console},
                                 {"domid", setup_domid},
                                 {"domname", setup_domname},
                                 {"info", setup_info},
                                 {"doctor", setup_doctor},
                                 {"metrics", setup_metrics},
                                 {"events", setup_events},
                                 {"wait", setup_wait},
                                 {"jobs", setup_jobs},
                                 {"job-wait", setup_job_wait},
                                 {"job-cancel", setup_job_cancel},
                                 {"block-list", setup_block_list},
                                 {"network-list", setup_network_list},
                                 {"channel-list", setup_channel_list},
                                 {"block-attach", setup_block_attach},
                                 {"block-detach", setup_block_detach},
                                 {"network-attach", setup_network_attach},
                                 {"network-detach", setup_network_detach},
                                 {"cd-insert", setup_cd_insert},
                                 {"cd-eject", setup_cd_eject},
                                 {"dump-core", setup_dump_core},
                                 {"vcpu-list", setup_vcpu_list},
                                 {"vcpu-set", setup_vcpu_set},
                                 {"selftest", setup_selftest},
                                 {"completion", setup_completion},
                                 {"version", setup_version}};

/// The one that was asked for: to describe all of them takes longer than to carry out most. All if
/// it is none of them, or one that tells of the others.
void setup_commands(::CLI::App& app, Context& context, const std::string& word) {
    const auto* const end = std::end(kCommands);
    const auto* const wanted = std::find_if(
        std::begin(kCommands), end, [&](const Command& command) { return command.name == word; });
    if (wanted != end && word != "completion") return wanted->set_up(app, context);
    for (const Command& command : kCommands)
        command.set_up(app, context);
}

/// What stands where a command should; empty if nothing does.
std::string command_word(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--socket")
            ++i; // with its value
        else if (!word.starts_with('-'))
            return word;
    }
    return "";
}

std::vector<std::string_view> command_names() {
    std::vector<std::string_view> names;
    for (const Command& command : kCommands)
        names.push_back(command.name);
    return names;
}

/// CLI11 would only say that a command is missing.
std::optional<std::string> about_unknown_command(const std::string& word) {
    const auto names = command_names();
    if (word.empty() || std::find(names.begin(), names.end(), word) != names.end())
        return std::nullopt;
    const auto nearest = nearest_of(word, names);
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
    const std::string word = command_word(arguments);
    setup_commands(app, context, word);
    // Runs when all options are read, and before the command does.
    app.parse_complete_callback([&] {
        context.socket = socket_path;
        use_socket(socket_path);
    });
    try {
        app.parse(std::vector<std::string>{arguments.rbegin(),
                                           arguments.rend()}); // CLI11 pops from the back
    } catch (const ::CLI::ParseError& e) {
        return answer_usage(app, e, about_unknown_command(word).value_or(e.what()), context);
    } catch (const Error& e) {
        fail_with(context, e);
    } catch (const std::exception& e) {
        fail_with(context, Error{Errc::internal, e.what()});
    }
    return context.status;
}

} // namespace pvh::cli
