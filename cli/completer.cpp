// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/completer.h"

#include "cli/help_topics.h"
#include "cli/selector.h"
#include "config/option_table.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <cctype>
#include <exception>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

/// What stands before the word that is being typed, taken apart.
struct Before {
    const ::CLI::App* command = nullptr;
    /// A word stands where a command should, and is none.
    bool is_unknown = false;
    /// The option whose value the next word is.
    const ::CLI::Option* pending = nullptr;
    /// Behind "--" nothing is an option.
    bool has_operands_only = false;
    std::vector<std::string> operands;
};

struct Request {
    const ::CLI::App& app;
    const Before& before;
    /// What is typed of the value: of --socket=/run/p it is /run/p.
    std::string typed;
    /// And what stands before that in the same word.
    std::string prefix;
    Connection& daemon;
};

const ::CLI::Option* find_option(const ::CLI::App& app, const Before& before,
                                 const std::string& name) {
    if (before.command != nullptr)
        if (const auto* option = before.command->get_option_no_throw(name)) return option;
    return app.get_option_no_throw(name); // the global ones may stand behind the command, too
}

/// The option that "--timeout", or the last letter of "-fw", is, if its value is the next word.
const ::CLI::Option* awaiting_value(const ::CLI::App& app, const Before& before,
                                    const std::string& word) {
    const std::string name = word.starts_with("--") ? word : std::string{'-', word.back()};
    const ::CLI::Option* option = find_option(app, before, name);
    return option != nullptr && option->get_items_expected_max() > 0 ? option : nullptr;
}

const ::CLI::App* find_command(const ::CLI::App& app, const std::string& name) {
    const auto found =
        app.get_subcommands([&](const ::CLI::App* command) { return command->get_name() == name; });
    return found.empty() ? nullptr : found.front();
}

void take(const ::CLI::App& app, const std::string& word, Before& before) {
    if (before.pending != nullptr) {
        before.pending = nullptr;
        return;
    }
    if (!before.has_operands_only && word.size() > 1 && word[0] == '-') {
        before.has_operands_only = word == "--";
        before.pending = awaiting_value(app, before, word);
        return;
    }
    if (before.command != nullptr) return before.operands.push_back(word);
    before.command = find_command(app, word);
    before.is_unknown = before.is_unknown || before.command == nullptr;
}

Before take_apart(const ::CLI::App& app, const std::vector<std::string>& words) {
    Before before;
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        take(app, words[i], before);
    return before;
}

// ---- words of each kind

/// Candidates are put on a command line as they are: only what no shell takes for anything else.
/// Names of domains may hold whatever another toolstack lets them.
bool is_plain(std::string_view word) {
    const auto is_harmless = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view{"._+:/@-"}.find(c) != std::string_view::npos;
    };
    return !word.empty() && word.front() != '-' && word.front() != ':' &&
           std::all_of(word.begin(), word.end(), is_harmless);
}

void add(Completion& completion, const Request& request, const std::string& word,
         std::string about) {
    completion.candidates.push_back({request.prefix + word, std::move(about)});
}

void add_plain(Completion& completion, const Request& request, const std::string& word,
               std::string about) {
    if (is_plain(word)) add(completion, request, word, std::move(about));
}

std::vector<rpc::Identity> fetch_guests(Connection& daemon) {
    std::vector<rpc::Identity> guests;
    const auto list = call_as<rpc::ListResult>(daemon, "domain.list",
                                               rpc::ListParams{rpc::Fields{"name", "domid"}});
    for (const rpc::DomainStatus& status : list.domains)
        if (status.domain.domid != 0) guests.push_back(status.domain);
    return guests;
}

void add_domains(const Request& request, Completion& completion) {
    for (const rpc::Identity& guest : fetch_guests(request.daemon))
        add_plain(completion, request, guest.name, fmt::format("domain {}", guest.domid));
}

void add_domids(const Request& request, Completion& completion) {
    for (const rpc::Identity& guest : fetch_guests(request.daemon))
        add(completion, request, std::to_string(guest.domid), guest.name);
}

void add_jobs(const Request& request, Completion& completion) {
    const auto list =
        call_as<rpc::JobListResult>(request.daemon, "job.list", nlohmann::json::object());
    for (const rpc::JobStatus& job : list.jobs)
        if (job.state == "running")
            add_plain(completion, request, job.job, fmt::format("{} {}", job.method, job.subject));
}

void add_pools(const Request& request, Completion& completion) {
    const auto result =
        call_as<rpc::CpuPoolsResult>(request.daemon, "cpupool.list", nlohmann::json::object());
    for (const rpc::CpuPoolStatus& pool : result.pools)
        add_plain(completion, request, pool.name, pool.scheduler);
}

/// Of the domain that stands before it.
std::vector<rpc::DeviceStatus> fetch_devices(const Request& request) {
    if (request.before.operands.empty()) return {};
    const rpc::Selector domain = parse_selector(request.before.operands.front());
    return call_as<rpc::DevicesResult>(request.daemon, "device.list", domain).devices;
}

void add_disks(const Request& request, Completion& completion) {
    for (const rpc::DeviceStatus& device : fetch_devices(request))
        add_plain(completion, request, device.vdev, device.target);
}

void add_interfaces(const Request& request, Completion& completion) {
    for (const rpc::DeviceStatus& device : fetch_devices(request))
        if (device.kind == "vif")
            add(completion, request, std::to_string(device.devid),
                fmt::format("{} at {}", device.mac, device.bridge));
}

void add_channels(const Request& request, Completion& completion) {
    for (const rpc::DeviceStatus& device : fetch_devices(request))
        add_plain(completion, request, device.name, device.connection);
}

void add_files(const Request& /*request*/, Completion& completion) {
    completion.paths = Paths::files;
}

void add_folders(const Request& /*request*/, Completion& completion) {
    completion.paths = Paths::folders;
}

void add_keys(const Request& request, Completion& completion) {
    for (const config::Option& option : config::all_options())
        if (option.chapter != config::Chapter::no_effect)
            add(completion, request, fmt::format("{}=", option.key), std::string{option.summary});
}

/// An option of a config: its key, or behind "=" its words; where it has none it may be a path.
void add_assignments(const Request& request, Completion& completion) {
    const std::size_t end = request.typed.find('=');
    if (end == std::string::npos) return add_keys(request, completion);
    const bool is_addition = end > 0 && request.typed[end - 1] == '+';
    const auto* option = config::find_option(request.typed.substr(0, end - (is_addition ? 1 : 0)));
    if (option == nullptr || option->words.empty()) return add_files(request, completion);
    for (const std::string_view word : option->words)
        add(completion, request, fmt::format("{}={}", option->key, word), "");
}

/// Files first, then also what overrides them.
void add_configs_and_assignments(const Request& request, Completion& completion) {
    if (!request.before.operands.empty()) add_assignments(request, completion);
    if (completion.candidates.empty() || request.typed.find('=') == std::string::npos)
        add_files(request, completion);
}

void add_commands(const Request& request, Completion& completion) {
    for (const ::CLI::App* command :
         request.app.get_subcommands([](const ::CLI::App*) { return true; }))
        add(completion, request, command->get_name(), command->get_description());
}

void add_commands_and_topics(const Request& request, Completion& completion) {
    add_commands(request, completion);
    for (const HelpTopic& topic : help_topics())
        add(completion, request, std::string{topic.name}, std::string{topic.about});
}

struct ValueKind {
    std::string_view name;
    void (*add)(const Request& request, Completion& completion);
};

/// What the types of values, and positionals, are called in the tree.
constexpr ValueKind kKinds[] = {{"DOM", add_domains},
                                {"DOMID", add_domids},
                                {"JOB", add_jobs},
                                {"POOL", add_pools},
                                {"VDEV", add_disks},
                                {"DEVID|MAC", add_interfaces},
                                {"CHANNEL", add_channels},
                                {"CONFIG", add_files},
                                {"CONFIG|OPTION", add_configs_and_assignments},
                                {"OPTION", add_assignments},
                                {"FILE", add_files},
                                {"PATH", add_files},
                                {"DISK", add_files},
                                {"DIR", add_folders},
                                {"COMMAND|TOPIC", add_commands_and_topics}};

const ValueKind* find_kind(std::string_view name) {
    const auto* const found =
        std::find_if(std::begin(kKinds), std::end(kKinds),
                     [&](const ValueKind& kind) { return kind.name == name; });
    return found != std::end(kKinds) ? found : nullptr;
}

/// CLI11 describes a value that is one of some words as TYPE:{this,that}.
bool add_listed_words(const std::string& type, const Request& request, Completion& completion) {
    const std::size_t begin = type.find('{');
    const std::size_t end = type.find('}', begin);
    if (begin == std::string::npos || end == std::string::npos) return false;
    for (const std::string& word :
         ::CLI::detail::split(type.substr(begin + 1, end - begin - 1), ','))
        add(completion, request, word, "");
    return true;
}

void add_values(const ::CLI::Option& option, const Request& request, Completion& completion) {
    const std::string type = option.get_type_name();
    if (add_listed_words(type, request, completion)) return;
    const ValueKind* kind = find_kind(type.substr(0, type.find(':')));
    if (kind == nullptr && option.get_positional()) kind = find_kind(option.get_name(true));
    if (kind != nullptr) kind->add(request, completion);
}

// ---- options and positionals

void add_options(const ::CLI::App& app, const Request& request, Completion& completion) {
    for (const ::CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames())
            add(completion, request, "--" + name, option->get_description());
}

/// The positional that the next operand belongs to; null if there are enough.
const ::CLI::Option* next_positional(const Before& before) {
    std::size_t taken = 0;
    for (const ::CLI::Option* option : before.command->get_options()) {
        if (!option->get_positional()) continue;
        taken += static_cast<std::size_t>(option->get_items_expected_max());
        if (before.operands.size() < taken) return option;
    }
    return nullptr;
}

/// "--timeout=5", "--ti", "-t"
void add_option_or_value(Request request, Completion& completion) {
    const std::size_t end = request.typed.find('=');
    if (end == std::string::npos) {
        if (request.before.command != nullptr)
            add_options(*request.before.command, request, completion);
        return add_options(request.app, request, completion);
    }
    const ::CLI::Option* option =
        find_option(request.app, request.before, request.typed.substr(0, end));
    if (option == nullptr) return;
    request.prefix = request.typed.substr(0, end + 1);
    request.typed.erase(0, end + 1);
    add_values(*option, request, completion);
}

void add_all(const Request& request, Completion& completion) {
    const Before& before = request.before;
    if (before.is_unknown) return;
    if (before.pending != nullptr) return add_values(*before.pending, request, completion);
    if (!before.has_operands_only && request.typed.starts_with('-'))
        return add_option_or_value(request, completion);
    if (before.command == nullptr) return add_commands(request, completion);
    if (const ::CLI::Option* option = next_positional(before))
        add_values(*option, request, completion);
}

/// Descriptions hold what others wrote, paths for instance; a line has one candidate.
std::string in_one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
    return text;
}

} // namespace

Completion complete(const ::CLI::App& app, const std::vector<std::string>& words,
                    Connection& daemon) {
    if (words.empty()) return {};
    const Before before = take_apart(app, words);
    const Request request{
        .app = app, .before = before, .typed = words.back(), .prefix = "", .daemon = daemon};
    Completion completion;
    try {
        add_all(request, completion);
    } catch (const std::exception&) {
        return {}; // who presses Tab wants names, not to be told why there are none
    }
    return completion;
}

std::string completion_lines(const Completion& completion) {
    std::string lines;
    if (completion.paths == Paths::files) lines += ":files\n";
    if (completion.paths == Paths::folders) lines += ":folders\n";
    for (const Candidate& candidate : completion.candidates) {
        lines += candidate.word;
        if (!candidate.about.empty()) lines += '\t' + in_one_line(candidate.about);
        lines += '\n';
    }
    return lines;
}

} // namespace pvh::cli
