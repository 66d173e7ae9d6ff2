// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <memory>

#include <nlohmann/json.hpp>

namespace pvh::cli {

void setup_rename(::CLI::App& app, Context& context) {
    struct Options {
        std::string domain, name;
    };

    auto options = std::make_shared<Options>();
    ::CLI::App* sub = app.add_subcommand("rename", "Give a domain another name");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("NAME", options->name, "What it is to be called")->required();
    add_examples(*sub, kStarting, {"pvhctl rename web web-old"});
    sub->callback([options, &context] {
        const rpc::RenameParams params{.domain = parse_selector(options->domain),
                                       .new_name = options->name};
        call_and_report(context, "domain.rename", params);
    });
}

} // namespace pvh::cli
