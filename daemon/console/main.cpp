// SPDX-License-Identifier: LGPL-2.1-or-later
// The composition root of pvhconsoled: command line, log, Xen, and then ConsoleDaemon.
#include "daemon/console/console_daemon.h"
#include "daemon/log_setup.h"
#include "daemon/settings_source.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/version.h"
#include "libdomain/xen/open.h"
#include "rpc/unix_address.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <sys/resource.h>

namespace {

using namespace pvh;

struct CommandLine {
    daemon::SettingsSource settings;
    std::string socket;
    std::string history = console::ConsoleOptions{}.history;
};

constexpr std::array<std::string_view, 2> kSettings{"group", "log_level"};

void describe_options(CLI::App& app, CommandLine& line) {
    app.set_version_flag("--version", std::string{"pvhconsoled "} + kVersion);
    app.add_option("--socket", line.socket,
                   "Unix socket to serve; without it, console.sock beside pvhd's");
    app.add_option("--history", line.history, "Where to keep what guests print")
        ->capture_default_str();
    line.settings.add_options(app, kSettings);
}

console::ConsoleOptions options_of(const CommandLine& line, const daemon::Settings& settings) {
    console::ConsoleOptions options;
    options.socket =
        line.socket.empty() ? rpc::console_socket_beside(settings.socket) : line.socket;
    options.group = settings.group;
    options.history = line.history;
    options.roles = settings.roles;
    return options;
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
    daemon::Settings settings = line.settings.read();
    daemon::set_log_level(settings.log_level);
    xen::Session session = xen::open_session();
    console::ConsoleDaemon daemon{options_of(line, settings),
                                  {.hypervisor = std::move(session.hypervisor),
                                   .store = std::move(session.store),
                                   .watch = xen::open_store_watch(),
                                   .rings = xen::open_guest_rings()}};
    daemon.stop_on_signals();
    daemon.on_hangup([&] {
        line.settings.reload(settings);
        daemon::set_log_level(settings.log_level);
        daemon.admit(settings.roles);
    });
    daemon.run();
}

int run(int argc, char** argv) {
    CLI::App app{"pvhconsoled: serves the consoles of pvhd's domains, and keeps what they print"};
    CommandLine line;
    describe_options(app, line);
    CLI11_PARSE(app, argc, argv);
    daemon::set_up_log("pvhconsoled");
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
