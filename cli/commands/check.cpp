// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of configs, option by option. Neither Xen nor the daemon is asked, and no file that
// a config names is looked at.
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/exit_status.h"
#include "cli/table.h"
#include "config/check_config.h"
#include "libdomain/spec/validate.h"
#include "rpc/spec_json.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

namespace fs = std::filesystem;

struct CheckOptions {
    std::vector<std::string> arguments;
    bool is_strict = false;
    bool is_quiet = false;
};

/// What editors and packagers leave beside configs, and what is there for people.
bool is_no_config(const std::string& name) {
    constexpr std::array<std::string_view, 9> kEndings{".bak", ".orig", ".rej", ".swp", ".old",
                                                       ".md",  ".txt",  ".rst", "~"};
    return name.starts_with('.') || name.starts_with("README") || name == "xl.conf" ||
           name == "oxenstored.conf" || name.find(".dpkg-") != std::string::npos ||
           std::any_of(kEndings.begin(), kEndings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

/// A folder stands for the files in it that may be configs.
std::vector<std::string> files_of(const std::vector<std::string>& paths) {
    std::vector<std::string> files;
    for (const std::string& path : paths) {
        std::error_code fault;
        const fs::directory_iterator folder{path, fault};
        if (fault) { // no folder; of one that cannot be read, reading it as a file will say so
            files.push_back(path);
            continue;
        }
        const auto first = files.size();
        for (const auto& entry : folder) {
            // A link that leads nowhere, or in a circle: reading it says so.
            const bool is_file = entry.is_regular_file(fault) || !entry.exists(fault);
            if (is_file && !is_no_config(entry.path().filename().string()))
                files.push_back(entry.path().string());
        }
        if (files.size() == first)
            throw Error{Errc::not_found, fmt::format("there is no config in {}", path)};
        std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
    }
    return files;
}

struct Arguments {
    std::vector<std::string> paths;
    std::vector<std::string> overrides;
};

/// KEY=VALUE behind the files overrides them; what exists under that name is a file.
Arguments split_arguments(const std::vector<std::string>& arguments) {
    const auto is_override = [](const std::string& argument) {
        std::error_code ignored;
        return argument.find('=') != std::string::npos && !fs::exists(argument, ignored);
    };
    auto first = arguments.end();
    while (first > arguments.begin() + 1 && is_override(*(first - 1)))
        --first;
    return {.paths = {arguments.begin(), first}, .overrides = {first, arguments.end()}};
}

/// A JSON spec has neither lines nor options that do nothing: either it is valid, or it is not.
config::CheckResult check_spec(const std::string& text, const std::string& name,
                               const std::vector<std::string>& overrides) {
    if (!overrides.empty()) throw Error{Errc::invalid_config, "a JSON spec takes no KEY=VALUE"};
    config::CheckResult result;
    result.spec = read_json_spec(text, name);
    require_valid(result.spec);
    return result;
}

void warn_of_bytes(const std::string& text, const std::string& name, config::CheckResult& result) {
    for (const config::Complaint& complaint : complaints_about_bytes(text, name)) {
        if (!result.report.empty()) result.report += '\n';
        result.report += fmt::format("{}:{}:{}: warning: {}", name, complaint.place.line,
                                     complaint.place.column, complaint.message);
        result.complaints.push_back(complaint);
    }
}

config::CheckResult check_text(const std::string& text, const std::string& name,
                               const std::vector<std::string>& overrides,
                               const CheckOptions& options) {
    if (is_json(text)) return check_spec(text, name, overrides);
    auto result = config::check_domain_config(
        {.name = name, .text = text}, overrides, current_directory(),
        options.is_strict ? config::Unknown::refused : config::Unknown::warned);
    warn_of_bytes(text, name, result);
    return result;
}

struct Checked {
    config::CheckResult result;
    int status = kSuccess;
};

/// A file that cannot be read counts as one with one error.
Checked check_file(const std::string& file, const std::vector<std::string>& overrides,
                   const CheckOptions& options) {
    const std::string name = config_display_name(file);
    Checked checked;
    try {
        checked.result = check_text(read_config_text(file), name, overrides, options);
        if (checked.result.has_errors) checked.status = exit_status(Errc::invalid_config);
    } catch (const Error& e) {
        checked.status = exit_status(e.code());
        checked.result.report = fmt::format("{}: error: {}", name, e.what());
        checked.result.complaints = {
            {.is_error = true, .file = name, .place = {}, .message = e.what(), .hint = e.hint()}};
        checked.result.has_errors = true;
    }
    return checked;
}

std::string verdict_on(const config::CheckResult& result) {
    const auto errors = std::count_if(result.complaints.begin(), result.complaints.end(),
                                      [](const auto& complaint) { return complaint.is_error; });
    const auto warnings = static_cast<std::ptrdiff_t>(result.complaints.size()) - errors;
    std::string text = result.has_errors ? "refused" : "accepted";
    if (errors > 0) text += fmt::format(", {} error{}", errors, errors == 1 ? "" : "s");
    if (warnings > 0) text += fmt::format(", {} warning{}", warnings, warnings == 1 ? "" : "s");
    return text;
}

std::string row_of(const config::KeyVerdict& key, const std::string& name) {
    const std::string line = key.file == name ? std::to_string(key.place.line) : "args";
    return fmt::format("{:>6}  {} {}{}", line, pad_right(key.key, 24), word_of(key.verdict),
                       key.why.empty() ? "" : fmt::format(" ({})", key.why));
}

void print_result(const std::string& file, const config::CheckResult& result,
                  const CheckOptions& options, Context& context) {
    const std::string name = config_display_name(file);
    if (!result.report.empty() && !options.is_quiet) print_note(context, result.report);
    print_line(context, fmt::format("{}: {}", name, verdict_on(result)));
    if (options.is_quiet) return;
    for (const config::KeyVerdict& key : result.keys)
        print_line(context, row_of(key, name));
}

nlohmann::json json_of(const config::CheckResult& result, const std::string& file) {
    nlohmann::json keys = nlohmann::json::array();
    for (const config::KeyVerdict& key : result.keys)
        keys.push_back({{"key", key.key},
                        {"verdict", word_of(key.verdict)},
                        {"why", key.why},
                        {"file", key.file},
                        {"line", key.place.line},
                        {"column", key.place.column}});
    nlohmann::json complaints = nlohmann::json::array();
    for (const config::Complaint& complaint : result.complaints)
        complaints.push_back({{"severity", complaint.is_error ? "error" : "warning"},
                              {"only_this_release", complaint.is_only_this_release},
                              {"file", complaint.file},
                              {"line", complaint.place.line},
                              {"column", complaint.place.column},
                              {"message", complaint.message},
                              {"hint", complaint.hint}});
    nlohmann::json json{{"file", config_display_name(file)},
                        {"accepted", !result.has_errors},
                        {"sound", result.is_sound()},
                        {"keys", keys},
                        {"complaints", complaints}};
    if (result.is_sound()) json["spec"] = result.spec;
    return json;
}

void run_check(const CheckOptions& options, Context& context) {
    nlohmann::json all = nlohmann::json::array();
    const Arguments arguments = split_arguments(options.arguments);
    for (const std::string& file : files_of(arguments.paths)) {
        const Checked checked = check_file(file, arguments.overrides, options);
        if (context.status == kSuccess) context.status = checked.status;
        if (context.json)
            all.push_back(json_of(checked.result, file));
        else
            print_result(file, checked.result, options, context);
    }
    if (context.json) print_json(context, {{"files", all}});
}

} // namespace

void setup_check(::CLI::App& app, Context& context) {
    auto options = std::make_shared<CheckOptions>();
    ::CLI::App* sub = app.add_subcommand("check", "Say what becomes of each option of a config");
    sub->add_option("FILE", options->arguments,
                    "Configs, or folders of them without backups and READMEs; - is standard input; "
                    "then KEY=VALUE that overrides them, as for create")
        ->required()
        ->type_name("CONFIG|OPTION");
    sub->add_flag("--strict", options->is_strict, "Refuse options that nobody knows");
    sub->add_flag("-q,--quiet", options->is_quiet, "One line for each file");
    sub->footer("Needs neither Xen nor pvhd, and looks at no file but the configs.");
    add_examples(*sub, kStarting, {"pvhctl check web.cfg memory=1024", "pvhctl check -q /etc/xen"});
    sub->callback([options, &context] { run_check(*options, context); });
}

} // namespace pvh::cli
