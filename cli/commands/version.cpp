// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/version.h"

#include "cli/commands.h"
#include "rpc/messages_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

void print_daemon(const rpc::SystemInfo& info, Context& context) {
    print_line(context,
               fmt::format("pvhd {} (API {}.{})", info.version, info.api_major, info.api_minor));
    print_line(context, fmt::format("Xen {}.{}{}", info.xen_major, info.xen_minor, info.xen_extra));
}

/// Our own version needs no daemon: that none is there is worth a word, not a failure.
void run_version(Context& context) {
    nlohmann::json answer;
    try {
        answer = context.daemon.call("system.info", nlohmann::json::object());
    } catch (const Error& e) {
        print_error(context, e);
    }
    if (context.json)
        return print_json(context, {{"pvhctl", kVersion},
                                    {"pvhd", answer.is_object() ? answer.at("version") : answer}});
    print_line(context, fmt::format("pvhctl {}", kVersion));
    if (!answer.is_null()) print_daemon(read_as<rpc::SystemInfo>("system.info", answer), context);
}

} // namespace

void setup_version(::CLI::App& app, Context& context) {
    ::CLI::App* sub = app.add_subcommand("version", "Print the versions of pvhctl, pvhd and Xen");
    add_examples(*sub, kItself, {"pvhctl version"});
    sub->callback([&context] { run_version(context); });
}

} // namespace pvh::cli
