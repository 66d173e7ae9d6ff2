// SPDX-License-Identifier: LGPL-2.1-or-later
// The file of the event log: a line that says how things stood, then an event a line.
#pragma once

#include "daemon/event_log.h"

#include <cstdint>
#include <string>
#include <string_view>
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

/// A last line without its LF is left out: nobody was told of that event. Throws invalid_config for
/// whatever pvhd would not have written.
EventFile parse_event_file(std::string_view text);

} // namespace pvh::daemon
