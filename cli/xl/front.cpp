// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/xl/front.h"

#include "cli/exit_status.h"
#include "cli/pvhctl.h"
#include "cli/table.h"
#include "cli/xl/commands.h"
#include "cli/xl/libxl_json.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

using UseSocket = std::function<void(const std::string&)>;

constexpr int kFailure = 1; // xl's only one beside that of its usage, as far as callers look

/// The letters of "-vfNtT"; nothing if one is none of them.
std::optional<std::string> take_global_options(Words& words) {
    std::string letters;
    while (!words.empty() && words.front().size() > 1 && words.front().front() == '-') {
        letters += words.front().substr(1);
        words.erase(words.begin());
    }
    if (letters.find_first_not_of("vfNtT") != std::string::npos) return std::nullopt;
    return letters;
}

/// In the form that xl's completion reads: commands from the fifth line on, behind one blank.
void print_help(Context& context) {
    print_line(context, "Usage xl [-vfNtT] <subcommand> [args]");
    print_line(context, "");
    print_line(context, "xl full list of subcommands:");
    print_line(context, "");
    for (const XlCommand& command : xl_commands())
        if (command.lack.empty())
            print_line(context, fmt::format(" {} {}", pad_right(command.name, 19), command.about));
}

int print_help_of(const Words& words, Context& context, const UseSocket& use_socket) {
    const XlCommand* command = words.empty() ? nullptr : find_xl_command(words.front());
    if (command == nullptr || !command->lack.empty()) {
        print_help(context);
        return kSuccess;
    }
    return run_pvhctl({std::string{command->name}, "--help"}, context, use_socket);
}

/// What xl create -n prints: the config as libxl has it.
int print_config(Words words, Context& context, const UseSocket& use_socket) {
    std::ostringstream answer;
    Context quiet{.daemon = context.daemon,
                  .out = answer,
                  .err = context.err,
                  .json = true,
                  .err_is_terminal = context.err_is_terminal,
                  .prefix = context.prefix};
    words.insert(words.begin(), {"create", "--dry-run"});
    const int status = run_pvhctl(words, quiet, use_socket);
    if (status != kSuccess) return status;
    const auto plan = read_as<rpc::PlanResult>("domain.plan", nlohmann::json::parse(answer.str()));
    print_line(context, text_of(libxl_config_of(plan.spec)));
    return kSuccess;
}

int run_command(const XlCommand& command, const Words& words, bool is_dry, Context& context,
                const UseSocket& use_socket) {
    Words translated = command.translate != nullptr ? command.translate(words) : words;
    const bool has_n = std::find(translated.begin(), translated.end(), "-n") != translated.end();
    if (command.dry_run_is_json && (is_dry || has_n))
        return print_config(std::move(translated), context, use_socket);
    if (is_dry) translated.emplace_back("-n");
    translated.insert(translated.begin(), std::string{command.name});
    return run_pvhctl(translated, context, use_socket);
}

/// What xl exits with: scripts know no more than these.
int status_of_xl(int status) {
    return status == kSuccess || status == kUsage ? status : kFailure;
}

int fail(Context& context, std::string_view message) {
    print_note(context, message);
    return kFailure;
}

} // namespace

int run_xl(const std::vector<std::string>& arguments, Context& context,
           const UseSocket& use_socket) {
    context.prefix = {};
    Words words = arguments;
    const auto letters = take_global_options(words);
    if (!letters) return fail(context, "unknown global option");
    if (words.empty()) {
        print_help(context);
        return kFailure;
    }
    const std::string word = words.front();
    words.erase(words.begin());
    const XlCommand* command = find_xl_command(word);
    if (command == nullptr && word == "help") return print_help_of(words, context, use_socket);
    if (command == nullptr) return fail(context, "command not implemented");
    if (!command->lack.empty())
        return fail(context, fmt::format("xl {} {}", command->name, command->lack));
    const bool is_dry = letters->find('N') != std::string::npos;
    if (is_dry && !command->can_dry_run)
        return fail(context, "command does not implement -N (dryrun) option");
    try {
        return status_of_xl(run_command(*command, words, is_dry, context, use_socket));
    } catch (const Error& e) {
        fail_with(context, e);
    } catch (const std::exception& e) {
        fail_with(context, Error{Errc::internal, e.what()});
    }
    return kFailure;
}

} // namespace pvh::cli
