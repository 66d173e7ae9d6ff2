// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/domains.h"
#include "libdomain/core/error.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

namespace fs = std::filesystem;

struct AutostartOptions {
    std::string directory = "/etc/pvhd/autostart.d";
    double delay_seconds = 0;
};

/// Its configs, by name.
std::vector<std::string> configs_in(const std::string& directory) {
    std::error_code failure;
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator{directory, failure})
        if (entry.path().extension() == ".cfg") paths.push_back(entry.path().string());
    if (failure) throw Error{Errc::not_found, fmt::format("list {}", directory), failure.value()};
    std::sort(paths.begin(), paths.end());
    return paths;
}

nlohmann::json params_for(const std::string& path) {
    rpc::CreateParams params;
    params.config_name = path;
    params.config = read_config_text(path);
    params.directory = fs::absolute(path).parent_path().string();
    return params;
}

/// What is wrong with the text of a config says the path by itself.
Error about(const std::string& path, Error error) {
    const bool is_said = std::string_view{error.what()}.starts_with(path);
    return is_said ? error : error.add_context(path);
}

void report(const std::string& path, const rpc::Client::Outcome& outcome, Context& context) {
    if (const auto* error = std::get_if<Error>(&outcome)) {
        if (error->code() == Errc::already_exists)
            return print_note(context, fmt::format("{}: {}: left alone", path, error->what()));
        return fail_with(context, about(path, *error));
    }
    const auto& answer = std::get<nlohmann::json>(outcome);
    const auto result = read_as<rpc::CreateResult>("domain.create", answer);
    for (const std::string& warning : result.warnings)
        print_note(context, warning);
    if (context.json) return print_json(context, answer);
    print_line(context,
               fmt::format("{}: {} is domain {}", path, result.domain.name, result.domain.domid));
}

/// Side by side; with a delay, one after the other.
void start(const std::vector<std::string>& paths, const std::vector<nlohmann::json>& params,
           Context& context) {
    context.daemon.call_each("domain.create", params,
                             [&](std::size_t i, const rpc::Client::Outcome& outcome) {
                                 report(paths[i], outcome, context);
                             });
}

void run_autostart(const AutostartOptions& options, Context& context) {
    std::vector<std::string> paths;
    std::vector<nlohmann::json> params;
    for (const std::string& path : configs_in(options.directory))
        try_each(context, [&] {
            params.push_back(params_for(path));
            paths.push_back(path);
        });
    if (options.delay_seconds <= 0) return start(paths, params, context);
    for (std::size_t i = 0; i < paths.size(); ++i) {
        if (i > 0)
            std::this_thread::sleep_for(std::chrono::duration<double>{options.delay_seconds});
        start({paths[i]}, {params[i]}, context);
    }
}

} // namespace

void setup_autostart(::CLI::App& app, Context& context) {
    auto options = std::make_shared<AutostartOptions>();
    ::CLI::App* sub = app.add_subcommand("autostart", "Create the domains of a folder of configs");
    sub->add_option("DIR", options->directory, "The folder; its files *.cfg count")
        ->capture_default_str();
    sub->add_option("--delay", options->delay_seconds,
                    "Begin them one after the other, in the order of their names, so far apart")
        ->check(::CLI::Range(0.0, 3600.0))
        ->type_name("SECONDS");
    sub->footer("They start side by side. A domain that is there already is left alone; one that\n"
                "fails does not keep others from starting, and is what the exit status tells.");
    add_examples(*sub, kStarting, {"pvhctl autostart --delay 10"});
    sub->callback([options, &context] { run_autostart(*options, context); });
}

} // namespace pvh::cli
