// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"
#include "libdomain/core/log.h"

#include <chrono>
#include <utility>

namespace pvh::daemon {

/// Of lines that anybody may cause, however often: so many in each period, or they would push what
/// others did out of the journal. The first line of a later period tells how many were left out.
class LogBrake {
  public:
    static constexpr unsigned kAllowance = 100;
    static constexpr std::chrono::seconds kPeriod{10};

    bool allows(Clock::time_point now) {
        if (now >= end_) {
            end_ = now + kPeriod;
            const unsigned lines = std::exchange(lines_, 0);
            if (lines > kAllowance)
                log::warn("{} more refusals were not logged", lines - kAllowance);
        }
        return ++lines_ <= kAllowance;
    }

  private:
    Clock::time_point end_{};
    unsigned lines_{0};
};

} // namespace pvh::daemon
