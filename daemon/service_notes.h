// SPDX-License-Identifier: LGPL-2.1-or-later
// What a daemon tells systemd as it runs; nothing where there is none.   [sd_notify(3)]
#pragma once

#include "daemon/asio.h"
#include "daemon/toolstack.h"

namespace pvh::daemon {

/// Says from the loop, at half of $WATCHDOG_USEC, that the loop turns: a stuck one falls silent,
/// and the service is restarted. Ends at once if nobody wants to hear.   [sd_watchdog_enabled(3)]
Task<void> feed_watchdog(asio::io_context& loop);

/// Keeps the service's status at how many domains there are. `toolstack` must outlive the loop.
Task<void> tell_status(Toolstack& toolstack);

} // namespace pvh::daemon
