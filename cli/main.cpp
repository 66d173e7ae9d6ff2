// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/connection.h"
#include "cli/pvhctl.h"

#include <cstdio>
#include <exception>
#include <iostream>

#include <unistd.h>

int main(int argc, char** argv) {
    try {
        pvh::cli::SocketConnection daemon;
        pvh::cli::Context context{.daemon = daemon,
                                  .out = std::cout,
                                  .err = std::cerr,
                                  .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                                  .err_is_terminal = ::isatty(STDERR_FILENO) == 1};
        const int status =
            pvh::cli::run_pvhctl({argv + 1, argv + argc}, context,
                                 [&](const std::string& path) { daemon.set_path(path); });
        std::cout.flush();
        return status;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "pvhctl: error: %s\n", e.what());
        return 1;
    }
}
