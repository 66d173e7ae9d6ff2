// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"

#include <set>

namespace pvh::daemon {

/// "Something changed, look again": wakes every coroutine that waits. Carries no news, so none can
/// be lost: a waiter looks first, waits, and looks again. Loop thread only.
class ChangeSignal {
  public:
    void notify();

    /// Returns at the next notify(), or at the deadline.
    Task<void> wait(Clock::time_point deadline = Clock::time_point::max());

  private:
    std::set<asio::steady_timer*> waiters_;
};

} // namespace pvh::daemon
