// SPDX-License-Identifier: LGPL-2.1-or-later
// The composition root of pvhconsoled: command line, log, Xen, and then ConsoleDaemon.
#include "daemon/console/console_daemon.h"
#include "daemon/log_setup.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/version.h"
#include "libdomain/xen/open.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <sys/resource.h>

namespace {

using namespace pvh;

struct CommandLine {
    console::ConsoleOptions console;
    std::string log_level = "info";
};

void describe_options(CLI::App& app, CommandLine& line) {
    app.set_version_flag("--version", std::string{"pvhconsoled "} + kVersion);
    app.add_option("--socket", line.console.socket,
                   "Unix socket to serve: console.sock, beside pvhd's")
        ->capture_default_str();
    app.add_option("--group", line.console.group, "Group whose members may use the socket")
        ->capture_default_str();
    app.add_option("--history", line.console.history, "Where to keep what guests print")
        ->capture_default_str();
    app.add_option("--log-level", line.log_level, "How much to tell")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
        ->capture_default_str();
}

/// Each console takes three; the usual limit of 1024 ends at some 300 domains.
void take_all_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void serve(const CommandLine& line) {
    std::signal(SIGPIPE, SIG_IGN); // a closed stderr must not end us
    take_all_descriptors();
    xen::Session session = xen::open_session();
    console::ConsoleDaemon daemon{line.console,
                                  {.hypervisor = std::move(session.hypervisor),
                                   .store = std::move(session.store),
                                   .watch = xen::open_store_watch(),
                                   .rings = xen::open_guest_rings()}};
    daemon.stop_on_signals();
    daemon.run();
}

int run(int argc, char** argv) {
    CLI::App app{"pvhconsoled: serves the consoles of pvhd's domains, and keeps what they print"};
    CommandLine line;
    describe_options(app, line);
    CLI11_PARSE(app, argc, argv);
    daemon::set_up_log("pvhconsoled", line.log_level);
    try {
        serve(line);
        return EXIT_SUCCESS;
    } catch (const Error& e) {
        log::error("it ends: {}{}{}", e.what(), e.hint().empty() ? "" : "; ", e.hint());
    }
    return EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& e) {
        std::fputs(e.what(), stderr);
        std::fputc('\n', stderr);
    }
    return EXIT_FAILURE;
}
