// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/ending.h"

#include <memory>

namespace pvh::cli {

void setup_shutdown(::CLI::App& app, Context& context) {
    auto options = std::make_shared<EndingOptions>();
    ::CLI::App* sub = app.add_subcommand("shutdown", "Ask domains to power off");
    add_ending_options(*sub, *options);
    add_last_options(*sub, *options);
    sub->footer(
        "With --wait it returns when the domain is gone from the list; if its config keeps\n"
        "or restarts it then, when it has stopped.");
    add_examples(*sub, kStarting,
                 {"pvhctl shutdown --wait web", "# as a host goes down",
                  "pvhctl shutdown --all --managed --timeout 120 --destroy"});
    sub->callback(
        [options, &context] { run_ending(*options, "domain.shutdown", Goal::cleared, context); });
}

} // namespace pvh::cli
