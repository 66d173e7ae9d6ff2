// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/toolstack.h"
#include "libdomain/spec/domain_spec.h"

namespace pvh::daemon {

/// What the domain's next life is built of: `spec`, or what domain.set_config gave, with the same
/// UUID and name. That is on file as restarting when this returns.
DomainSpec take_next_config(const Toolstack& toolstack, DomainSpec spec);

} // namespace pvh::daemon
