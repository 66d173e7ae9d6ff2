// SPDX-License-Identifier: LGPL-2.1-or-later
// What Xen and xenstored have said of themselves, judged.
#pragma once

#include "libdomain/doctor/check.h"
#include "libdomain/xen/hypervisor.h"

#include <chrono>
#include <string>

namespace pvh::doctor {

Checks check_xen(const xen::HostInfo& host, const xen::DomainInfo& dom0);

/// `name` as find_xenstored() tells it; `took`: to answer one read.
Check check_xenstored(const std::string& name, std::chrono::microseconds took);

} // namespace pvh::doctor
