// SPDX-License-Identifier: LGPL-2.1-or-later
// The file of the event log: a line that says how things stood, then an event a line.
#pragma once

#include "daemon/event_log.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pvh::daemon {

struct EventFile {
    std::string host_boot_id; // events of another boot are about domains that are no more
    std::string boot_id;
    std::uint64_t told_until{}; // number of the last event that `told` knows of
    ToldDomains told;
    std::vector<rpc::Event> events; // numbers ascend without gaps; the last is the newest there was
};

/// With every line ended by LF.
std::string format_event_line(const rpc::Event& event);
std::string format_event_header(const EventFile& file);

/// Throws invalid_config for whatever pvhd would not have written; other errors as for_each_line().
EventFile read_event_file(const std::string& path);

} // namespace pvh::daemon
