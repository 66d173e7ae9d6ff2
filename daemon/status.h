// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"
#include "daemon/registry.h"
#include "daemon/toolstack.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/xen/hypervisor.h"
#include "rpc/messages.h"

#include <vector>

namespace pvh::daemon {

/// What Xen says of a domain, with what only we know: its name, whose it is, what is under way.
rpc::DomainStatus make_status(const xen::DomainInfo& info, const Registry& registry);

/// Of a domain between two lives: a restart waits for its next attempt.
rpc::DomainStatus make_status(const Uuid& uuid, const Registry::Operation& restart);

rpc::DeviceStatus make_status(const device::DeviceView& view);

/// All domains as Xen has them now, ascending by domid; those that somebody made this very moment
/// have their names, too.
Task<std::vector<xen::DomainInfo>> list_domains(Toolstack& toolstack);

} // namespace pvh::daemon
