// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/diagnostics.h"
#include "config/settings.h"
#include "libdomain/spec/domain_spec.h"

#include <string>

namespace pvh::config {

/// Turns settings that check_options has seen into a spec. What is faulty or absent keeps its
/// default. Relative paths start at `directory`.
DomainSpec read_spec(Settings& settings, const std::string& directory, Diagnostics& diagnostics);

} // namespace pvh::config
