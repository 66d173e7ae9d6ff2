// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/outlet.h"
#include "daemon/peer.h"
#include "daemon/toolstack.h"

#include <memory>

namespace pvh::daemon {

/// What a method gets beside its parameters.
struct Call {
    Toolstack& toolstack; // outlives every coroutine
    std::shared_ptr<const Peer> peer;
    std::shared_ptr<Outlet> outlet;
};

} // namespace pvh::daemon
