// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/xen/store.h"

#include <cstdint>
#include <string>

namespace pvh {

/// The number of a CPU pool, of which `pool` is the number or the name; empty means pool 0. Throws
/// Errc::not_found, with the names there are, if none has that name.   [/local/pool in xenstore]
std::uint32_t find_cpu_pool(xen::Store& store, const std::string& pool);

} // namespace pvh
