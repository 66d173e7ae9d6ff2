// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/outlet.h"
#include "daemon/peer.h"
#include "daemon/progress.h"
#include "daemon/request_log.h"
#include "daemon/toolstack.h"

#include <memory>
#include <string>

namespace pvh::daemon {

/// What a method gets beside its parameters.
struct Call {
    Toolstack& toolstack; // outlives every coroutine
    std::shared_ptr<const Peer> peer;
    std::shared_ptr<Outlet> outlet;
    std::shared_ptr<Progress> progress{}; // of a job; null otherwise
    std::shared_ptr<Once> once{};         // of a call with a request_id; null otherwise
    /// Of a method that changes something, for people: `name="web"`. The method may know better.
    std::shared_ptr<std::string> subject{};
};

} // namespace pvh::daemon
