// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/domains.h"

namespace pvh::cli {

void setup_pause(::CLI::App& app, Context& context) {
    ::CLI::App* sub =
        setup_simple(app, context, "pause", "Stop domains; they keep their memory", "domain.pause");
    add_examples(*sub, kStarting, {"pvhctl pause web db"});
}

void setup_unpause(::CLI::App& app, Context& context) {
    ::CLI::App* sub =
        setup_simple(app, context, "unpause", "Let paused domains go on", "domain.unpause");
    add_examples(*sub, kStarting, {"pvhctl unpause web db"});
}

} // namespace pvh::cli
