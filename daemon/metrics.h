// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/counters.h"
#include "daemon/pool.h"
#include "libdomain/device/host_devices.h"
#include "libdomain/xen/hypervisor.h"
#include "rpc/messages.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pvh::daemon {

/// What metrics.get tells, as it was at one moment.
struct Figures {
    std::vector<rpc::DomainStatus> domains{}; // ascending by domid
    device::Traffic traffic{};
    xen::HostInfo host{};
    Counters counters{};
    std::uint64_t events{};            // ever told
    std::vector<Pool::Figures> pool{}; // what is built ahead, by the file that describes it
    std::uint64_t pool_hits{}, pool_misses{};
    std::uint64_t resident_bytes{};
    std::uint64_t open_fds{};
};

/// Names may hold what others wrote: they are made valid UTF-8 and short.
std::string metrics_text(const Figures& figures);

} // namespace pvh::daemon
