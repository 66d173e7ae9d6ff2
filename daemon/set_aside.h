// SPDX-License-Identifier: LGPL-2.1-or-later
// rename-restart: the domain that has ended stays, under another name and UUID, and its next life
// has its own.   [xl.cfg(5) "rename-restart"; tools/xl/xl_vmcontrol.c preserve_domain]
#pragma once

#include "daemon/asio.h"
#include "daemon/toolstack.h"

#include <chrono>
#include <string>

namespace pvh::daemon {

/// As xl calls it: "web-20261122T1807Z".
std::string aside_name(const std::string& name, std::chrono::system_clock::time_point time);

/// The caller holds the operation of the domain, whose file is that of its next life afterwards.
/// What is set aside is a managed domain of its own that nothing follows the end of; it has lost
/// its devices, which the next life needs. Throws if it is still what it was.
Task<void> set_aside(Toolstack& toolstack, Record record);

/// The second half, once the domain has its new UUID: devices go, the nodes become those of
/// `name`. May be done again. What fails is logged; false if something did.
bool put_away(WorkerContext& context, const Domain& domain, const std::string& name);

} // namespace pvh::daemon
