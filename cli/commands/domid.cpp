// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "rpc/messages_json.h"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

/// As in xl, a number is taken for a name here; a UUID for a UUID.
rpc::Selector select_by_name(const std::string& argument) {
    if (const auto uuid = parse_uuid(argument)) return {.uuid = uuid, .name = {}, .domid = {}};
    return {.uuid = {}, .name = argument, .domid = {}};
}

Error in_words_of_xl(const std::string& name) {
    return {Errc::not_found,
            fmt::format("Can't get domid of domain name '{}', maybe this domain does not exist.",
                        name)};
}

void run_domid(const std::string& name, Context& context) {
    try {
        const auto answer = context.daemon.call("domain.get", select_by_name(name));
        if (context.json) return print_json(context, answer);
        print_line(
            context,
            fmt::format("{}", read_as<rpc::GetResult>("domain.get", answer).status.domain.domid));
    } catch (const DaemonUnreachable&) {
        throw;
    } catch (const Error& e) {
        if (e.code() == Errc::not_found) throw in_words_of_xl(name);
        throw;
    }
}

} // namespace

void setup_domid(::CLI::App& app, Context& context) {
    auto name = std::make_shared<std::string>();
    ::CLI::App* sub = app.add_subcommand("domid", "Print a domain's number");
    sub->add_option("NAME", *name, "Name or UUID of a domain")->required()->type_name("DOM");
    add_examples(*sub, kLooking, {"pvhctl domid web"});
    sub->callback([name, &context] { run_domid(*name, context); });
}

} // namespace pvh::cli
