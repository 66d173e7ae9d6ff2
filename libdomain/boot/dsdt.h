// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/bytes_view.h"

namespace pvh::boot {

/// The DSDT with one processor device for each of the first `processors` vCPUs (at most kMaxVcpus),
/// without a valid checksum. See dsdt.asl for what is in it and why.
Bytes compose_dsdt(unsigned processors);

} // namespace pvh::boot
