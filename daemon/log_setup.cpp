// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/log_setup.h"

#include "libdomain/core/log.h"

#include <cstdlib>
#include <utility>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>

namespace pvh::daemon {

void set_up_log(const std::string& program, const std::string& level) {
    const bool is_under_systemd =
        std::getenv("JOURNAL_STREAM") != nullptr; // NOLINT(concurrency-mt-unsafe): no thread yet
    auto logger =
        is_under_systemd ? spdlog::systemd_logger_mt(program) : spdlog::stderr_logger_mt(program);
    if (!is_under_systemd) logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    logger->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(std::move(logger));
}

} // namespace pvh::daemon
