// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/service_notes.h"

#include <cstdint>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

namespace pvh::daemon {

Task<void> feed_watchdog(asio::io_context& loop) {
    std::uint64_t limit = 0; // microseconds
    if (sd_watchdog_enabled(0, &limit) <= 0) co_return;
    asio::steady_timer timer{loop};
    for (;;) {
        sd_notify(0, "WATCHDOG=1");
        timer.expires_after(std::chrono::microseconds{limit / 2});
        co_await timer.async_wait(asio::use_awaitable);
    }
}

Task<void> tell_status(Toolstack& toolstack) {
    if (std::getenv("NOTIFY_SOCKET") == nullptr) // NOLINT(concurrency-mt-unsafe): nobody sets it
        co_return;
    std::optional<std::size_t> told;
    while (!toolstack.is_stopping) {
        const auto& records = toolstack.registry.records();
        const std::size_t count = records.size() - records.count(kDom0);
        if (told != count)
            sd_notify(0, fmt::format("STATUS={} domain{}", count, count == 1 ? "" : "s").c_str());
        told = count;
        co_await toolstack.changed.wait();
    }
}

} // namespace pvh::daemon
