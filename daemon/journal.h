// SPDX-License-Identifier: LGPL-2.1-or-later
// The log in systemd's journal, where lines can be asked for by domain.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <spdlog/sinks/sink.h>

namespace pvh::daemon {

/// What a line of ours is about, as fields "NAME=value": PVH_DOMID, PVH_DOMAIN, PVH_UUID, and of
/// audit lines PVH_METHOD and PVH_RESULT; of each the first in the line. Text in quotes, where
/// names that others chose stand (see printable()), is a value and never a field of its own.
std::vector<std::string> fields_of(std::string_view line);

/// Sends each line with its level and these fields.   [sd_journal_send(3)]
spdlog::sink_ptr journal_sink(std::string identifier);

} // namespace pvh::daemon
