// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

void run_domname(const std::string& id, Context& context) {
    const bool is_number = id.find_first_not_of("0123456789") == std::string::npos;
    if (id.empty() || !is_number) {
        print_note(context, fmt::format("{}Invalid domain id.", context.prefix)); // xl's words
        context.status = kUsage;
        return;
    }
    const auto answer = context.daemon.call("domain.get", parse_selector(id));
    if (context.json) return print_json(context, answer);
    print_line(context, read_as<rpc::GetResult>("domain.get", answer).status.domain.name);
}

} // namespace

void setup_domname(::CLI::App& app, Context& context) {
    auto id = std::make_shared<std::string>();
    ::CLI::App* sub = app.add_subcommand("domname", "Print a domain's name");
    sub->add_option("ID", *id, "Number of a domain")->required()->type_name("DOMID");
    add_examples(*sub, kLooking, {"pvhctl domname 7"});
    sub->callback([id, &context] { run_domname(*id, context); });
}

} // namespace pvh::cli
