// SPDX-License-Identifier: LGPL-2.1-or-later
// What a domain has in memory, in a file for debuggers.
#pragma once

#include "libdomain/domain.h"
#include "libdomain/xen/hypervisor.h"

#include <cstdint>
#include <functional>

namespace pvh {

struct CoreDump {
    std::uint64_t bytes{};  // of the file, holes included
    std::uint64_t pages{};  // of the guest
    std::uint64_t absent{}; // of these: gone before they could be copied
    unsigned vcpus{};
};

/// Writes memory and vCPUs of a domain into an empty file, in the format of xl dump-core; pages of
/// zeros become holes. The caller sees to it that the guest stands still, if it is to: of one that
/// runs, pages that go away meanwhile are marked as absent. Throws not_found if the domain is gone
/// at the end, bad_state if there is no room for the file. `go_on` is called every few MiB, and may
/// throw.   [xen docs/misc/dump-core-format.txt]
CoreDump write_core(xen::Hypervisor& hv, const Domain& domain, int fd,
                    const std::function<void()>& go_on);

} // namespace pvh
