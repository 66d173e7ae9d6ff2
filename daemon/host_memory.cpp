// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/host_memory.h"

#include <unistd.h>

namespace pvh::daemon {

std::uint64_t host_memory() {
    return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace pvh::daemon
