// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/connection.h"
#include "cli/pvhctl.h"
#include "cli/xl/front.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string_view>

#include <unistd.h>

namespace {

/// As others do it.   [https://no-color.org; terminfo(5) of "dumb"]
bool are_colours_welcome() {
    const char* const unwanted = std::getenv("NO_COLOR"); // NOLINT(concurrency-mt-unsafe)
    const char* const terminal = std::getenv("TERM");     // NOLINT(concurrency-mt-unsafe)
    const bool is_dumb = terminal == nullptr || std::string_view{terminal} == "dumb";
    return !is_dumb && (unwanted == nullptr || *unwanted == '\0');
}

} // namespace

int main(int argc, char** argv) {
    try {
        pvh::cli::SocketConnection daemon;
        pvh::cli::Context context{.daemon = daemon,
                                  .out = std::cout,
                                  .err = std::cerr,
                                  .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                                  .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
                                  .has_colours = are_colours_welcome()};
        const bool is_xl = argc > 0 && std::filesystem::path{argv[0]}.filename() == "xl";
        const int status = (is_xl ? pvh::cli::run_xl : pvh::cli::run_pvhctl)(
            {argv + 1, argv + argc}, context,
            [&](const std::string& path) { daemon.set_path(path); });
        std::cout.flush();
        return status;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "pvhctl: error: %s\n", e.what());
        return 1;
    }
}
