// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"
#include "daemon/toolstack.h"

namespace pvh::daemon {

/// Does to managed domains that end what their specs ask for. Runs until the toolstack stops.
Task<void> enforce_policies(Toolstack& toolstack);

} // namespace pvh::daemon
