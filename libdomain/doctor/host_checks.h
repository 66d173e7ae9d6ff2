// SPDX-License-Identifier: LGPL-2.1-or-later
// What can be seen of a dom0 without asking its Xen: by pvhd, and by pvhctl where there is no pvhd.
#pragma once

#include "libdomain/doctor/check.h"

#include <string>

namespace pvh::doctor {

struct HostView {
    std::string root{};       // stands before every path; empty but in tests
    bool is_console_served{}; // pvhconsoled answers
};

/// Looks at devices, drivers, bridges and processes; changes nothing. May take some milliseconds.
Checks check_host(const HostView& host);

/// The file name of the xenstored that runs: "oxenstored", or "xenstored", the one in C. Empty if
/// none is seen: it may be in a domain of its own, or out of our sight.
std::string find_xenstored(const std::string& root = "");

/// Whether a xenstored is seen. For those who cannot ask it.
Check check_xenstored_process(const std::string& root = "");

/// Whether pvhd can keep its state there.
Check check_state_folder(const std::string& path);

} // namespace pvh::doctor
