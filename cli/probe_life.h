// SPDX-License-Identifier: LGPL-2.1-or-later
// One life of a probe domain, from create to destroy.
#pragma once

#include "cli/context.h"
#include "cli/selftest.h"
#include "cli/signal_catcher.h"
#include "libdomain/spec/domain_spec.h"

#include <chrono>
#include <string>
#include <vector>

namespace pvh::cli {

struct ProbeLife {
    std::string description; // "probe64, 4 vCPUs"
    DomainSpec spec;         // that keeps the domain whatever its end
    std::string reason;      // how it is to end, as domain.wait calls it
};

/// Builds the domain through the daemon, paused; looks at its vCPU, lets it run, reads its console
/// until it ends, and destroys it, whatever happens. `limit` bounds the run. Throws
/// Errc::cancelled if a signal comes.
std::vector<Outcome> live(const ProbeLife& life, std::chrono::seconds limit,
                          const SignalCatcher& signals, Context& context);

} // namespace pvh::cli
