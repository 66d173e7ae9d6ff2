// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/pool.h"
#include "daemon/settings.h"

#include <vector>

namespace pvh::daemon {

/// What is to be built ahead, by configs as for create, whose names, UUIDs and devices do not
/// matter. One that cannot be read or is wrong is logged and left out: a host's toolstack starts
/// all the same.
std::vector<PoolClass> read_pool_classes(const std::vector<PoolEntry>& entries);

} // namespace pvh::daemon
