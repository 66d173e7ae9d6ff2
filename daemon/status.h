// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/registry.h"
#include "libdomain/xen/hypervisor.h"
#include "rpc/messages.h"

namespace pvh::daemon {

/// What Xen says of a domain, with what only we know: its name, whose it is, what is under way.
rpc::DomainStatus make_status(const xen::DomainInfo& info, const Registry& registry);

} // namespace pvh::daemon
