// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/domains.h"

#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <chrono>
#include <memory>
#include <thread>

#include <nlohmann/json.hpp>

namespace pvh::cli {

void try_each(Context& context, const std::function<void()>& act) {
    try {
        act();
    } catch (const DaemonUnreachable&) {
        throw; // it will not be there for the next one either
    } catch (const Error& e) {
        fail_with(context, e);
    }
}

void for_each_domain(const std::vector<std::string>& arguments, Context& context,
                     const std::function<void(const rpc::Selector&)>& act) {
    for (const std::string& argument : arguments)
        try_each(context, [&] { act(parse_selector(argument)); });
}

nlohmann::json fetch_domains(std::string_view method, const std::vector<std::string>& arguments,
                             Context& context) {
    if (arguments.empty()) return context.daemon.call(method, nlohmann::json::object());
    nlohmann::json found = nlohmann::json::array();
    for_each_domain(arguments, context, [&](const rpc::Selector& selector) {
        const nlohmann::json answer = context.daemon.call(method, selector);
        for (const auto& domain : answer.at("domains"))
            found.push_back(domain);
    });
    return {{"domains", std::move(found)}};
}

std::string shown_name(const rpc::Identity& domain) {
    return domain.name.empty() ? "(null)" : domain.name;
}

void call_and_report(Context& context, std::string_view method, const nlohmann::json& params) {
    const nlohmann::json answer = context.daemon.call(method, params);
    if (context.json) print_json(context, answer);
}

::CLI::App* setup_simple(::CLI::App& app, Context& context, const std::string& command,
                         const std::string& description, std::string_view method) {
    auto domains = std::make_shared<std::vector<std::string>>();
    ::CLI::App* sub = app.add_subcommand(command, description);
    sub->add_option("DOM", *domains, std::string{kDomainHelp})->required();
    sub->callback([domains, method, &context] {
        for_each_domain(*domains, context, [&](const rpc::Selector& selector) {
            call_and_report(context, method, selector);
        });
    });
    return sub;
}

void begin_job(Context& context, std::string_view method, nlohmann::json params) {
    params["mode"] = "job";
    const auto answer = context.daemon.call(method, params);
    if (context.json) return print_json(context, answer);
    print_line(context, read_as<rpc::JobBegun>(method, answer).job);
}

bool await_return(Context& context) {
    constexpr std::chrono::seconds kAbsence{60};
    print_note(context, "pvhctl: pvhd went away: waiting for it to come back");
    const auto deadline = std::chrono::steady_clock::now() + kAbsence;
    for (;;) {
        context.daemon.hang_up();
        try {
            context.daemon.call("system.ping", nlohmann::json::object());
            return true;
        } catch (const Error&) {
            if (std::chrono::steady_clock::now() >= deadline) return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{500});
    }
}

} // namespace pvh::cli
