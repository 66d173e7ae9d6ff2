// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/domains.h"

namespace pvh::cli {

void setup_destroy(::CLI::App& app, Context& context) {
    ::CLI::App* sub =
        setup_simple(app, context, "destroy", "End domains at once, as if their power were cut",
                     "domain.destroy");
    add_examples(*sub, kStarting, {"pvhctl destroy web"});
}

} // namespace pvh::cli
