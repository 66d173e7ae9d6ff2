// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace pvh {

/// Hears of each stage as it is closed, on the thread that did it.
class TimelineObserver {
  public:
    virtual ~TimelineObserver() = default;
    /// What it throws ends the operation there.
    virtual void reached(std::string_view stage) = 0;

  protected:
    TimelineObserver() = default;
    TimelineObserver(const TimelineObserver&) = default;
    TimelineObserver& operator=(const TimelineObserver&) = default;
    TimelineObserver(TimelineObserver&&) = default;
    TimelineObserver& operator=(TimelineObserver&&) = default;
};

/// What an operation spent its time on: each mark closes the stage that began at the mark before.
class Timeline {
  public:
    struct Stage {
        std::string_view name; // a literal
        std::chrono::microseconds took;
    };

    void mark(std::string_view stage) {
        const auto now = Clock::now();
        stages_.push_back(
            {stage, std::chrono::duration_cast<std::chrono::microseconds>(now - last_)});
        last_ = now;
        if (observer_) observer_->reached(stage);
    }

    /// Null: nobody is told any more.
    void tell(std::shared_ptr<TimelineObserver> observer) { observer_ = std::move(observer); }

    [[nodiscard]] const std::vector<Stage>& stages() const { return stages_; }

  private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point last_ = Clock::now();
    std::vector<Stage> stages_;
    std::shared_ptr<TimelineObserver> observer_;
};

} // namespace pvh
