// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/domains.h"

namespace pvh::cli {

void setup_pause(::CLI::App& app, Context& context) {
    setup_simple(app, context, "pause", "Stop domains; they keep their memory", "domain.pause");
}

void setup_unpause(::CLI::App& app, Context& context) {
    setup_simple(app, context, "unpause", "Let paused domains go on", "domain.unpause");
}

} // namespace pvh::cli
