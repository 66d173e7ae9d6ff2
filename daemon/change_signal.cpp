// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/change_signal.h"

#include "libdomain/core/scope_exit.h"

namespace pvh::daemon {

void ChangeSignal::notify() {
    for (asio::steady_timer* waiter : waiters_)
        waiter->cancel();
}

Task<void> ChangeSignal::wait(Clock::time_point deadline) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, deadline};
    waiters_.insert(&timer);
    const ScopeExit leave{[&] { waiters_.erase(&timer); }};
    boost::system::error_code
        ignored; // a cancelled timer is the signal, an expired one the deadline
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

} // namespace pvh::daemon
