// SPDX-License-Identifier: LGPL-2.1-or-later
// pvhd, but for one deliberate mistake in each domain that it builds: the one whose name is in
// /run/pvhd-mutation, or none. It shows that the probe finds what it is there to find.
#include "daemon/daemon.h"
#include "libdomain/core/error.h"
#include "libdomain/linux/open_host_devices.h"
#include "libdomain/xen/open.h"
#include "tests/mutant/mutant_hypervisor.h"
#include "tests/mutant/mutant_store.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>

namespace {

using namespace pvh;

constexpr const char* kMutationFile = "/run/pvhd-mutation";

daemon::WorkerSession open_mutant_session() {
    xen::Session real = xen::open_session();
    const auto chosen = std::make_shared<mutant::Chosen>();
    auto hypervisor = std::make_unique<mutant::MutantHypervisor>(std::move(real.hypervisor),
                                                                 kMutationFile, chosen);
    auto store = std::make_unique<mutant::MutantStore>(std::move(real.store), *hypervisor, chosen);
    return {.xen = {.hypervisor = std::move(hypervisor), .store = std::move(store)},
            .devices = host::open_host_devices([] { return false; })};
}

int serve() {
    std::signal(SIGPIPE, SIG_IGN);
    const daemon::XenAccess access{.open_session = open_mutant_session,
                                   .open_watch = xen::open_store_watch};
    daemon::Daemon daemon{{}, access};
    daemon.stop_on_signals();
    if (daemon.run()) return EXIT_SUCCESS;
    std::_Exit(EXIT_FAILURE); // as pvhd
}

} // namespace

// pvhd's options are taken and passed over: all of them keep their defaults.
int main() {
    try {
        return serve();
    } catch (const std::exception& e) {
        std::fputs(e.what(), stderr);
        std::fputc('\n', stderr);
    }
    return EXIT_FAILURE;
}
