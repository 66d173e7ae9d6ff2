// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace pvh::daemon {

/// Bytes of memory that dom0 was given. What a client's file may make us hold is measured by it:
/// dom0 is often small, and a kernel that kills pvhd for want of memory takes more than one create
/// with it.
std::uint64_t host_memory();

} // namespace pvh::daemon
