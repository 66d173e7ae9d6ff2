// SPDX-License-Identifier: LGPL-2.1-or-later
// trigger and sysrq.   [tools/xl/xl_misc.c]
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <memory>

#include <nlohmann/json.hpp>

namespace pvh::cli {

void setup_trigger(::CLI::App& app, Context& context) {
    struct Options {
        std::string domain, trigger;
        unsigned vcpu = 0;
    };

    auto options = std::make_shared<Options>();
    ::CLI::App* sub = app.add_subcommand("trigger", "Send a vCPU an NMI, INIT or other signal");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("TRIGGER", options->trigger, "nmi, reset or init")->required();
    sub->add_option("VCPU", options->vcpu, "Its number")->capture_default_str();
    add_examples(*sub, kDebugging, {"pvhctl trigger web nmi"});
    sub->callback([options, &context] {
        const rpc::TriggerParams params{.domain = parse_selector(options->domain),
                                        .trigger = options->trigger,
                                        .vcpu = options->vcpu};
        call_and_report(context, "domain.trigger", params);
    });
}

void setup_sysrq(::CLI::App& app, Context& context) {
    struct Options {
        std::string domain, key;
    };

    auto options = std::make_shared<Options>();
    ::CLI::App* sub = app.add_subcommand("sysrq", "Press a SysRq key for a guest's kernel");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("KEY", options->key, "One character; h has a Linux list them")->required();
    add_examples(*sub, kDebugging, {"pvhctl sysrq web h"});
    sub->callback([options, &context] {
        const rpc::SysrqParams params{.domain = parse_selector(options->domain),
                                      .key = options->key};
        call_and_report(context, "domain.sysrq", params);
    });
}

} // namespace pvh::cli
