// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include <spdlog/formatter.h>

namespace pvh::daemon {

/// The process's log, at level info. Under systemd the journal keeps time and level; elsewhere each
/// line on stderr says them itself. Called once, before there are threads.
void set_up_log(const std::string& program);

/// Of a log that is lines of text: time, level, message; one entry never looks like two.
std::unique_ptr<spdlog::formatter> line_format();

/// debug, info, warn or error.
void set_log_level(const std::string& level);

/// Whether stderr is the stream to the journal that $JOURNAL_STREAM names: who redirects it wants
/// the log there.   [systemd.exec(5), JOURNAL_STREAM]
bool is_journal(const char* journal_stream, int fd);

} // namespace pvh::daemon
