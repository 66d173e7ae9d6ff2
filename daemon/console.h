// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"
#include "daemon/call.h"
#include "rpc/messages.h"

namespace pvh::daemon {

/// Waits until whoever serves it has made the domain's pseudo-terminal. Throws timeout at the
/// deadline, not_found if the domain goes.
Task<rpc::ConsoleResult> console_until(Call call, rpc::Selector selector,
                                       Clock::time_point deadline);

} // namespace pvh::daemon
