// SPDX-License-Identifier: LGPL-2.1-or-later
// [tools/xl/xl_vmcontrol.c main_config_update]
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct ConfigUpdateOptions {
    std::string domain, file;
    std::vector<std::string> overrides;
    bool is_strict = false;
};

rpc::SetConfigParams make_params(const ConfigUpdateOptions& options, Context& context) {
    Description description = read_description(options.file, options.overrides, context);
    rpc::SetConfigParams params;
    params.domain = parse_selector(options.domain);
    params.config = std::move(description.config);
    params.spec = std::move(description.spec);
    params.config_name = std::move(description.name);
    params.overrides = std::move(description.overrides);
    params.directory = current_directory();
    params.strict = options.is_strict;
    return params;
}

void run(const ConfigUpdateOptions& options, Context& context) {
    const auto answer = context.daemon.call("domain.set_config", make_params(options, context));
    if (context.json) return print_json(context, answer);
    for (const std::string& warning :
         read_as<rpc::SetConfigResult>("domain.set_config", answer).warnings)
        print_note(context, warning);
}

} // namespace

void setup_config_update(::CLI::App& app, Context& context) {
    auto options = std::make_shared<ConfigUpdateOptions>();
    ::CLI::App* sub =
        app.add_subcommand("config-update", "Give a domain another config for its next boot");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("FILE", options->file, "The config, as for create")->required();
    sub->add_option("KEY=VALUE", options->overrides, "Override the file");
    sub->add_flag("--strict", options->is_strict, "Refuse options that nobody knows");
    sub->footer("It applies when the domain reboots, or its policy starts it anew. Its name and\n"
                "UUID stay. The config is checked now, as create would.");
    add_examples(*sub, kStarting, {"pvhctl config-update web web.cfg memory=1024"});
    sub->callback([options, &context] { run(*options, context); });
}

} // namespace pvh::cli
