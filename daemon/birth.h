// SPDX-License-Identifier: LGPL-2.1-or-later
// From an order to a domain that runs and is on record: what domain.create and a restart have in
// common.
#pragma once

#include "daemon/asio.h"
#include "daemon/build_job.h"
#include "daemon/toolstack.h"

namespace pvh::daemon {

/// One that is to run at once and has no afterlife, by what the toolstack has.
BuildOrder make_order(const Toolstack& toolstack, DomainSpec spec);

struct Birth {
    BuildOrder order;
    unsigned quick_ends{};            // of the domain it succeeds
    std::optional<Prepared> prepared; // to be made what is ordered
};

/// Builds, records on file, starts, in this order: a pvhd that dies in between leaves a domain that
/// the next one finds. The caller holds the domain's operation. If anything fails nothing of the
/// domain remains.
Task<BuildOutcome> give_birth(Toolstack& toolstack, Birth birth);

/// Ends a domain on a worker and forgets it; one that is to be restarted stays on file. The caller
/// holds its operation.
Task<void> end_domain(Toolstack& toolstack, Domain domain, Afterlife afterlife = Afterlife::none);

} // namespace pvh::daemon
