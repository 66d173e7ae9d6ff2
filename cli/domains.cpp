// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/domains.h"

#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <memory>

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

void call_and_report(Context& context, std::string_view method, const nlohmann::json& params) {
    const nlohmann::json answer = context.daemon.call(method, params);
    if (context.json) print_json(context, answer);
}

void setup_simple(::CLI::App& app, Context& context, const std::string& command,
                  const std::string& description, std::string_view method) {
    auto domains = std::make_shared<std::vector<std::string>>();
    ::CLI::App* sub = app.add_subcommand(command, description);
    sub->add_option("DOM", *domains, std::string{kDomainHelp})->required();
    sub->callback([domains, method, &context] {
        for_each_domain(*domains, context, [&](const rpc::Selector& selector) {
            call_and_report(context, method, selector);
        });
    });
}

} // namespace pvh::cli
