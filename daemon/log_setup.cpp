// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/log_setup.h"

#include "libdomain/core/log.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pvh::daemon {

void set_up_log(const std::string& program) {
    const char* stream =
        std::getenv("JOURNAL_STREAM"); // NOLINT(concurrency-mt-unsafe): no thread yet
    const bool is_kept = is_journal(stream, STDERR_FILENO);
    auto logger = is_kept ? spdlog::systemd_logger_mt(program) : spdlog::stderr_logger_mt(program);
    if (!is_kept) logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    spdlog::set_default_logger(std::move(logger));
}

void set_log_level(const std::string& level) {
    spdlog::set_level(spdlog::level::from_str(level));
}

bool is_journal(const char* journal_stream, int fd) {
    struct stat info {};

    if (journal_stream == nullptr || ::fstat(fd, &info) != 0) return false;
    return fmt::format("{}:{}", info.st_dev, info.st_ino) == journal_stream;
}

} // namespace pvh::daemon
