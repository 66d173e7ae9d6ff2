// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>

namespace pvh::console {

/// So many events of one guest in each period, and no more: a guest that floods its console costs
/// dom0 no more than this. The figures are xenconsoled's.   [tools/console/daemon/io.c]
class EventBrake {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr unsigned kAllowance = 30;
    static constexpr std::chrono::milliseconds kPeriod{200};

    /// Counts an event, and tells whether another may come before the period is over.
    bool count(Clock::time_point now) {
        if (now >= end_) {
            end_ = now + kPeriod;
            events_ = 0;
        }
        return ++events_ < kAllowance;
    }

    [[nodiscard]] Clock::time_point end_of_period() const { return end_; }

  private:
    Clock::time_point end_{};
    unsigned events_{0};
};

} // namespace pvh::console
