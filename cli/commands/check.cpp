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
    std::vector<std::string> paths;
    bool is_strict = false;
    bool is_quiet = false;
};

/// What editors and packagers leave beside configs, and what is there for people.
bool is_no_config(const std::string& name) {
    constexpr std::array<std::string_view, 9> kEndings{".bak", ".orig", ".rej", ".swp", ".old",
                                                       ".md",  ".txt",  ".rst", "~"};
    return name.starts_with('.') || name.starts_with("README") ||
           name.find(".dpkg-") != std::string::npos ||
           std::any_of(kEndings.begin(), kEndings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

/// A folder stands for the files in it that may be configs.
std::vector<std::string> files_of(const std::vector<std::string>& paths) {
    std::vector<std::string> files;
    for (const std::string& path : paths) {
        std::error_code ignored;
        if (!fs::is_directory(path, ignored)) {
            files.push_back(path);
            continue;
        }
        const auto first = files.size();
        for (const auto& entry : fs::directory_iterator{path})
            if (entry.is_regular_file() && !is_no_config(entry.path().filename().string()))
                files.push_back(entry.path().string());
        std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
    }
    return files;
}

/// A JSON spec has neither lines nor options that do nothing: either it is valid, or it is not.
config::CheckResult check_spec(const std::string& text, const std::string& name) {
    config::CheckResult result;
    result.spec = read_json_spec(text, name);
    require_valid(result.spec);
    return result;
}

/// A file that cannot be read counts as one with one error.
config::CheckResult check_file(const std::string& file, const CheckOptions& options) {
    const std::string name = config_display_name(file);
    try {
        const std::string text = read_config_text(file);
        if (is_json(text)) return check_spec(text, name);
        return config::check_domain_config({.name = name, .text = text}, {}, current_directory(),
                                           options.is_strict ? config::Unknown::refused
                                                             : config::Unknown::warned);
    } catch (const Error& e) {
        config::CheckResult result;
        result.report = fmt::format("{}: error: {}", name, e.what());
        result.complaints = {
            {.is_error = true, .file = name, .place = {}, .message = e.what(), .hint = e.hint()}};
        result.has_errors = true;
        return result;
    }
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

void print_result(const std::string& file, const config::CheckResult& result,
                  const CheckOptions& options, Context& context) {
    if (!result.report.empty() && !options.is_quiet) print_note(context, result.report);
    print_line(context, fmt::format("{}: {}", config_display_name(file), verdict_on(result)));
    if (options.is_quiet) return;
    for (const config::KeyVerdict& key : result.keys)
        print_line(context, fmt::format("{:>6}  {} {}", key.place.line, pad_right(key.key, 24),
                                        word_of(key.verdict)));
}

nlohmann::json json_of(const config::CheckResult& result, const std::string& file) {
    nlohmann::json keys = nlohmann::json::array();
    for (const config::KeyVerdict& key : result.keys)
        keys.push_back({{"key", key.key},
                        {"verdict", word_of(key.verdict)},
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
    for (const std::string& file : files_of(options.paths)) {
        const config::CheckResult result = check_file(file, options);
        if (result.has_errors) context.status = exit_status(Errc::invalid_config);
        if (context.json)
            all.push_back(json_of(result, file));
        else
            print_result(file, result, options, context);
    }
    if (context.json) print_json(context, {{"files", all}});
}

} // namespace

void setup_check(::CLI::App& app, Context& context) {
    auto options = std::make_shared<CheckOptions>();
    ::CLI::App* sub = app.add_subcommand("check", "Say what becomes of each option of a config");
    sub->add_option("FILE", options->paths,
                    "Configs, or folders of them without backups and READMEs; - is standard input")
        ->required();
    sub->add_flag("--strict", options->is_strict, "Refuse options that nobody knows");
    sub->add_flag("-q,--quiet", options->is_quiet, "One line for each file");
    sub->footer("Needs neither Xen nor pvhd, and looks at no file but the configs.");
    sub->callback([options, &context] { run_check(*options, context); });
}

} // namespace pvh::cli
