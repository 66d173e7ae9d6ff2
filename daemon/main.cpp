// SPDX-License-Identifier: LGPL-2.1-or-later
// The composition root of pvhd: command line, log, Xen, and then Daemon.
#include "daemon/daemon.h"
#include "daemon/log_setup.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/version.h"
#include "libdomain/linux/open_host_devices.h"
#include "libdomain/xen/open.h"
#include "rpc/unix_address.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

namespace {

using namespace pvh;

struct CommandLine {
    daemon::DaemonOptions daemon;
    std::string log_level = "info";
};

void describe_options(CLI::App& app, CommandLine& line) {
    app.set_version_flag("--version", std::string{"pvhd "} + kVersion);
    app.add_option("--socket", line.daemon.socket, "Unix socket to serve")->capture_default_str();
    app.add_option("--group", line.daemon.group, "Group whose members may use the socket")
        ->capture_default_str();
    app.add_option("--state-dir", line.daemon.state_dir, "Where to remember domains")
        ->capture_default_str();
    app.add_option("--workers", line.daemon.builder_threads, "Domains built at a time; 0: by CPUs")
        ->check(CLI::Range(0U, 64U))
        ->capture_default_str();
    app.add_option("--log-level", line.log_level, "How much to tell")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
        ->capture_default_str();
}

daemon::WorkerSession open_session(const std::string& console_socket) {
    return {.xen = xen::open_session(), .devices = host::open_host_devices([console_socket] {
                                            return rpc::is_served(console_socket);
                                        })};
}

int serve(const CommandLine& line) {
    std::signal(SIGPIPE, SIG_IGN); // a closed stderr must not end us
    const std::string console_socket = rpc::console_socket_beside(line.daemon.socket);
    const daemon::XenAccess access{
        .open_session = [console_socket] { return open_session(console_socket); },
        .open_watch = xen::open_store_watch};
    daemon::Daemon daemon{line.daemon, access};
    daemon.stop_on_signals();
    if (daemon.run()) return EXIT_SUCCESS;
    // A thread is stuck in a build: waiting for it would be waiting for ever.
    spdlog::shutdown();
    std::_Exit(EXIT_FAILURE);
}

int run(int argc, char** argv) {
    CLI::App app{"pvhd: PVH domains on Xen, without libxl"};
    CommandLine line;
    describe_options(app, line);
    CLI11_PARSE(app, argc, argv);
    daemon::set_up_log("pvhd", line.log_level);
    try {
        return serve(line);
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
