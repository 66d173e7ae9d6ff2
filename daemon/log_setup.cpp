// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/log_setup.h"

#include "daemon/journal.h"
#include "daemon/text.h"
#include "libdomain/core/log.h"

#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pvh::daemon {

namespace {

/// %* : the message as one entry. The journal needs no such thing: it knows where each ends.
class WholeEntry final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& out) override {
        const std::string entry = log_entry({message.payload.data(), message.payload.size()});
        out.append(entry.data(), entry.data() + entry.size());
    }

    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<WholeEntry>();
    }
};

} // namespace

std::unique_ptr<spdlog::formatter> line_format() {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<WholeEntry>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %*");
    return formatter;
}

void set_up_log(const std::string& program) {
    const char* stream =
        std::getenv("JOURNAL_STREAM"); // NOLINT(concurrency-mt-unsafe): no thread yet
    const bool is_kept = is_journal(stream, STDERR_FILENO);
    auto logger = is_kept ? std::make_shared<spdlog::logger>(program, journal_sink(program))
                          : spdlog::stderr_logger_mt(program);
    if (!is_kept) logger->set_formatter(line_format());
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
