// SPDX-License-Identifier: LGPL-2.1-or-later
// The second half of a restart: the old life has ended, the new one is to be.
#pragma once

#include "daemon/asio.h"
#include "daemon/toolstack.h"
#include "libdomain/spec/domain_spec.h"

namespace pvh::daemon {

/// Builds a domain that is on file as `restarting`, again and again until it is there, a destroy
/// calls it off, or pvhd stops, which leaves it to the next one. The caller holds its operation.
Task<void> revive(Toolstack& toolstack, DomainSpec spec, unsigned quick_ends);

/// The same for what the last pvhd left; takes the operation.
Task<void> resume_restart(Toolstack& toolstack, DomainSpec spec);

} // namespace pvh::daemon
