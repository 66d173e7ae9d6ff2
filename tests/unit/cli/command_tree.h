// SPDX-License-Identifier: LGPL-2.1-or-later
// All commands of pvhctl, as help and the completion see them.
#pragma once

#include "cli/commands.h"
#include "tests/unit/cli/fake_daemon.h"

#include <sstream>
#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace pvh::cli::test {

class CommandTree {
  public:
    CommandTree() { setup_all(app_, context_); }

    [[nodiscard]] std::vector<const ::CLI::App*> commands() const {
        return app_.get_subcommands([](const ::CLI::App*) { return true; });
    }

  private:
    FakeDaemon daemon_;
    std::ostringstream out_, err_;
    Context context_{.daemon = daemon_, .out = out_, .err = err_};
    ::CLI::App app_{"", "pvhctl"};
};

} // namespace pvh::cli::test
