// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/ending.h"

#include <memory>

namespace pvh::cli {

void setup_reboot(::CLI::App& app, Context& context) {
    auto options = std::make_shared<EndingOptions>();
    ::CLI::App* sub = app.add_subcommand("reboot", "Ask domains to reboot");
    add_ending_options(*sub, *options);
    sub->footer(
        "With --wait it returns when the domain has stopped; it comes back with another\ndomid.");
    add_examples(*sub, kStarting, {"pvhctl reboot web"});
    sub->callback(
        [options, &context] { run_ending(*options, "domain.reboot", Goal::ended, context); });
}

} // namespace pvh::cli
