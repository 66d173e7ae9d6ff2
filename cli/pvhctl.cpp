// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/pvhctl.h"

#include "cli/commands.h"
#include "cli/completer.h"
#include "cli/exit_status.h"
#include "libdomain/core/nearest.h"
#include "libdomain/core/version.h"
#include "rpc/limits.h"
#include "rpc/shortened.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
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

using UseSocket = std::function<void(const std::string&)>;

constexpr std::string_view kCompletionWord = "__complete"; // for scripts: no command of the tree

void setup_globals(::CLI::App& app, Context& context, std::string& socket_path) {
    app.add_option("--socket", socket_path, "The daemon's socket")
        ->envname("PVHCTL_SOCKET")
        ->type_name("PATH")
        ->capture_default_str();
    app.add_flag("--json", context.json, "Print the daemon's answers as JSON");
    app.add_flag("!--no-headers", context.has_headers, "Print tables without their titles");
    app.set_version_flag("--version", fmt::format("pvhctl {}", kVersion));
    app.require_subcommand(1);
    app.fallthrough(); // --json and --socket may stand behind the command, too
    app.footer(describe_exit_statuses);
}

using Words = std::vector<std::string>;

struct Command {
    std::string_view name;
    void (*set_up)(::CLI::App& app, Context& context);
};

constexpr Command kCommands[] = {{"create", setup_create},
                                 {"plan", setup_plan},
                                 {"check", setup_check},
                                 {"autostart", setup_autostart},
                                 {"config-update", setup_config_update},
                                 {"list", setup_list},
                                 {"top", setup_top},
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
                                 {"vcpu-pin", setup_vcpu_pin},
                                 {"mem-set", setup_mem_set},
                                 {"mem-max", setup_mem_max},
                                 {"rename", setup_rename},
                                 {"trigger", setup_trigger},
                                 {"sysrq", setup_sysrq},
                                 {"uptime", setup_uptime},
                                 {"vm-list", setup_vm_list},
                                 {"claims", setup_claims},
                                 {"sched-credit", setup_sched_credit},
                                 {"sched-credit2", setup_sched_credit2},
                                 {"sched-rtds", setup_sched_rtds},
                                 {"cpupool-list", setup_cpupool_list},
                                 {"cpupool-create", setup_cpupool_create},
                                 {"cpupool-destroy", setup_cpupool_destroy},
                                 {"cpupool-rename", setup_cpupool_rename},
                                 {"cpupool-cpu-add", setup_cpupool_cpu_add},
                                 {"cpupool-cpu-remove", setup_cpupool_cpu_remove},
                                 {"cpupool-migrate", setup_cpupool_migrate},
                                 {"cpupool-numa-split", setup_cpupool_numa_split},
                                 {"dmesg", setup_dmesg},
                                 {"debug-keys", setup_debug_keys},
                                 {"selftest", setup_selftest},
                                 {"help", setup_help},
                                 {"completion", setup_completion},
                                 {"version", setup_version}};

/// The one that was asked for: to describe all of them takes longer than to carry out most. All if
/// it is none of them, or one that tells of the others.
void setup_commands(::CLI::App& app, Context& context, const std::string& word) {
    const auto* const end = std::end(kCommands);
    const auto* const wanted = std::find_if(
        std::begin(kCommands), end, [&](const Command& command) { return command.name == word; });
    if (wanted != end && word != "help") return wanted->set_up(app, context);
    setup_all(app, context);
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

/// As CLI11 would find it, in a line that is not whole yet.
std::string socket_of(const std::vector<std::string>& words) {
    constexpr std::string_view kWithValue = "--socket=";
    const char* socket = std::getenv("PVHCTL_SOCKET"); // NOLINT(concurrency-mt-unsafe): no threads
    std::string path = socket != nullptr ? socket : rpc::kDefaultSocket;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == "--socket" && i + 2 < words.size()) path = words[i + 1];
        if (words[i].starts_with(kWithValue)) path = words[i].substr(kWithValue.size());
    }
    return path;
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

/// Before the command only pvhctl's own are options, and what follows another is no command.
std::optional<std::string> about_unknown_option(const ::CLI::App& app, const Words& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (!word.starts_with('-')) return std::nullopt;
        const std::size_t equals = word.find('=');
        const ::CLI::Option* option = app.get_option_no_throw(word.substr(0, equals));
        if (option == nullptr) return fmt::format("pvhctl has no option {}", rpc::shortened(word));
        if (option->get_items_expected_min() > 0 && equals == std::string::npos) ++i;
    }
    return std::nullopt;
}

/// What CLI11 could not place it tells in its own order.
std::optional<std::string> about_extras(const ::CLI::App& app, const Words& arguments,
                                        const std::string& command) {
    const Words extras = app.remaining(true);
    const auto first =
        std::find_first_of(arguments.begin(), arguments.end(), extras.begin(), extras.end());
    if (first == arguments.end()) return std::nullopt;
    return first->starts_with('-')
               ? fmt::format("{} has no option {}", command, rpc::shortened(*first))
               : fmt::format("{} does not take \"{}\" as well", command, rpc::shortened(*first));
}

/// CLI11 has "Could not convert: OPTION = WORD".
std::optional<std::string> about_conversion(const ::CLI::ParseError& error) {
    constexpr std::string_view kBefore = "Could not convert: ";
    constexpr std::string_view kBetween = " = ";
    const std::string_view text = error.what();
    const std::size_t between = text.find(kBetween);
    if (!text.starts_with(kBefore) || between == std::string_view::npos) return std::nullopt;
    return fmt::format("{} does not take \"{}\"",
                       text.substr(kBefore.size(), between - kBefore.size()),
                       rpc::shortened(text.substr(between + kBetween.size())));
}

std::string complaint_about(const ::CLI::App& app, const Words& arguments,
                            const std::string& command, const ::CLI::ParseError& error) {
    if (const auto complaint = about_unknown_option(app, arguments)) return *complaint;
    if (const auto complaint = about_unknown_command(command)) return *complaint;
    if (const auto complaint = about_conversion(error)) return *complaint;
    return about_extras(app, arguments, command).value_or(error.what());
}

/// --help and --version arrive as exceptions, too.
int answer_usage(const ::CLI::App& app, const ::CLI::ParseError& error, const std::string& message,
                 Context& context) {
    const bool is_help = error.get_exit_code() == 0;
    if (!is_help) print_note(context, fmt::format("pvhctl: error: {}", message));
    if (!is_help) print_note(context, "hint: run pvhctl help, or pvhctl help COMMAND");
    if (is_help) app.exit(error, context.out, context.err);
    return is_help ? kSuccess : kUsage;
}

/// Within it the daemon tells names, or is done without: somebody waits at a keyboard.
constexpr std::chrono::milliseconds kCompletionPatience{700};

/// What the completions of the shells call: the words behind "pvhctl" follow, the last of them
/// being typed. Silent about whatever goes wrong.
int run_completion(const std::vector<std::string>& words, Context& context,
                   const UseSocket& use_socket) {
    ::CLI::App app{"", "pvhctl"};
    std::string socket_path = socket_of(words);
    setup_globals(app, context, socket_path);
    const std::vector<std::string> before{words.begin(), words.end() - (words.empty() ? 0 : 1)};
    setup_commands(app, context, command_word(before));
    use_socket(socket_path);
    context.daemon.set_patience(kCompletionPatience);
    context.out << completion_lines(complete(app, words, context.daemon));
    return kSuccess;
}

} // namespace

void setup_all(::CLI::App& app, Context& context) {
    for (const Command& command : kCommands)
        command.set_up(app, context);
}

int run_pvhctl(const std::vector<std::string>& arguments, Context& context,
               const UseSocket& use_socket) {
    if (!arguments.empty() && arguments.front() == kCompletionWord)
        return run_completion({arguments.begin() + 1, arguments.end()}, context, use_socket);
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
        return answer_usage(app, e, complaint_about(app, arguments, word, e), context);
    } catch (const Error& e) {
        fail_with(context, e);
    } catch (const std::exception& e) {
        fail_with(context, Error{Errc::internal, e.what()});
    }
    return context.status;
}

} // namespace pvh::cli
