// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"

#include <nlohmann/json_fwd.hpp>

namespace pvh::daemon {

/// Where a method sends what comes after its answer: the client's connection.
class Outlet {
  public:
    virtual ~Outlet() = default;

    /// False once nobody reads any more, or pvhd stops.
    [[nodiscard]] virtual bool is_open() const = 0;
    virtual void send(const nlohmann::json& message) = 0;
    /// Returns when the client has taken most of what was sent, or will take nothing more.
    virtual Task<void> room() = 0;
    /// Keeps the connection for as long as this runs, which is to end when is_open() does not hold
    /// any more. Throws bad_state if the connection has such a task.
    virtual void keep_for(Task<void> task) = 0;

  protected:
    Outlet() = default;
    Outlet(const Outlet&) = default;
    Outlet& operator=(const Outlet&) = default;
    Outlet(Outlet&&) = default;
    Outlet& operator=(Outlet&&) = default;
};

} // namespace pvh::daemon
