// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/spawn.h"

#include "libdomain/core/log.h"

#include <exception>

namespace pvh::daemon {

namespace {

void log_failure(const std::string& what, const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& e) {
        log::error("{}: {}", what, e.what());
    }
}

} // namespace

void spawn(asio::io_context& loop, std::string what, Task<void> task) {
    asio::co_spawn(loop, std::move(task),
                   [what = std::move(what)](const std::exception_ptr& failure) {
                       log_failure(what, failure);
                   });
}

} // namespace pvh::daemon
