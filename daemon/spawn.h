// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"

#include <string>

namespace pvh::daemon {

/// Runs a coroutine on the loop without waiting for it. What it throws is logged under `what`:
/// nobody else is there to hear.
void spawn(asio::io_context& loop, std::string what, Task<void> task);

} // namespace pvh::daemon
