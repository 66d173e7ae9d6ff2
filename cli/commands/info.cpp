// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/host_facts.h"
#include "rpc/messages_json.h"

#include <memory>

#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

/// With a key, the values alone of every fact whose name begins so, as in xl.
void run_info(const std::string& key, Context& context) {
    const auto answer = context.daemon.call("system.info", nlohmann::json::object());
    if (context.json) return print_json(context, answer);
    for (const Fact& fact : host_facts(read_as<rpc::SystemInfo>("system.info", answer))) {
        if (key.empty())
            print_line(context, fact_line(fact));
        else if (fact.key.starts_with(key))
            print_line(context, fact.value);
    }
}

} // namespace

void setup_info(::CLI::App& app, Context& context) {
    auto key = std::make_shared<std::string>();
    ::CLI::App* sub = app.add_subcommand("info", "Print facts about the host, as xl info does");
    sub->add_option("KEY", *key, "Print only the values of facts whose name begins with this");
    sub->callback([key, &context] { run_info(*key, context); });
}

} // namespace pvh::cli
