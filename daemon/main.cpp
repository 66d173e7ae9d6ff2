// SPDX-License-Identifier: LGPL-2.1-or-later
// The composition root of pvhd: command line, log, Xen, and then Daemon.
#include "daemon/daemon.h"
#include "daemon/log_setup.h"
#include "daemon/pool_classes.h"
#include "daemon/settings_source.h"
#include "libdomain/autoballoon.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/version.h"
#include "libdomain/linux/open_host_devices.h"
#include "libdomain/xen/open.h"
#include "rpc/unix_address.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

namespace {

using namespace pvh;

struct CommandLine {
    daemon::SettingsSource settings;
    std::string to_check;
};

void describe_options(CLI::App& app, CommandLine& line) {
    app.set_version_flag("--version", std::string{"pvhd "} + kVersion);
    line.settings.add_options(app);
    app.add_option("--check-settings", line.to_check,
                   "Tell what is wrong with a file of settings, and end")
        ->type_name("FILE");
}

/// The words are those that the settings were checked against.
Autoballoon read_autoballoon(const std::string& word) {
    const auto* const found = std::find(kAutoballoonWords.begin(), kAutoballoonWords.end(), word);
    return static_cast<Autoballoon>(found - kAutoballoonWords.begin());
}

daemon::DaemonOptions options_of(const daemon::Settings& settings) {
    daemon::DaemonOptions options;
    options.socket = settings.socket;
    options.group = settings.group;
    options.state_dir = settings.state_dir;
    options.builder_threads = settings.workers;
    options.admission = {.roles = settings.roles, .max_connections = settings.max_connections};
    options.stop_patience = std::chrono::seconds{settings.stop_timeout};
    options.pool_mib = settings.pool_memory;
    options.dom0_min_mib = settings.dom0_min_memory;
    options.autoballoon = read_autoballoon(settings.autoballoon);
    return options;
}

daemon::WorkerSession open_session(const std::string& console_socket) {
    return {.xen = xen::open_session(), .devices = host::open_host_devices([console_socket] {
                                            return rpc::is_served(console_socket);
                                        })};
}

int serve(const daemon::SettingsSource& source) {
    std::signal(SIGPIPE, SIG_IGN); // a closed stderr must not end us
    daemon::Settings settings = source.read();
    daemon::set_log_level(settings.log_level);
    const std::string console_socket = rpc::console_socket_beside(settings.socket);
    const daemon::XenAccess access{
        .open_session = [console_socket] { return open_session(console_socket); },
        .open_watch = xen::open_store_watch};
    daemon::DaemonOptions options = options_of(settings);
    options.pool = daemon::read_pool_classes(settings.pool);
    daemon::Daemon daemon{options, access};
    daemon.stop_on_signals();
    daemon.on_hangup([&] {
        source.reload(settings);
        daemon::set_log_level(settings.log_level);
        daemon.adjust(options_of(settings));
    });
    if (daemon.run()) return EXIT_SUCCESS;
    // A thread is stuck in a build: waiting for it would be waiting for ever.
    spdlog::shutdown();
    std::_Exit(EXIT_FAILURE);
}

int check(const std::string& path) {
    try {
        std::fputs(daemon::SettingsSource::check(path).c_str(), stderr);
        return EXIT_SUCCESS;
    } catch (const Error& e) {
        std::fprintf(stderr, "%s\n", e.what());
    }
    return EXIT_FAILURE;
}

int run(int argc, char** argv) {
    CLI::App app{"pvhd: PVH domains on Xen, without libxl"};
    CommandLine line;
    describe_options(app, line);
    CLI11_PARSE(app, argc, argv);
    if (!line.to_check.empty()) return check(line.to_check);
    daemon::set_up_log("pvhd");
    try {
        return serve(line.settings);
    } catch (const Error& e) {
        log::error("cannot start: {}{}{}", e.what(), e.hint().empty() ? "" : "; ", e.hint());
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
