// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace pvh::daemon {

/// The process's log. Under systemd the journal keeps time and level; elsewhere each line on stderr
/// says them itself. Called once, before there are threads.
void set_up_log(const std::string& program, const std::string& level);

} // namespace pvh::daemon
