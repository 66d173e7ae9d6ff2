// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

namespace pvh {

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
    }

    [[nodiscard]] const std::vector<Stage>& stages() const { return stages_; }

  private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point last_ = Clock::now();
    std::vector<Stage> stages_;
};

} // namespace pvh
