// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/timeline.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace pvh::daemon {

/// How far a piece of work is, and whether it is still wanted: told by the thread that does it,
/// asked from the loop.
class Progress : public TimelineObserver {
  public:
    struct Sight {
        std::string stage; // the last that is done
        unsigned done{};   // how many are
    };

    /// Called after each stage, on the thread that did it.
    using Listener = std::function<void(const Sight&)>;

    explicit Progress(Listener on_stage) : on_stage_{std::move(on_stage)} {}

    /// Throws Errc::cancelled once cancel() was called.
    void reached(std::string_view stage) override;

    /// Throws as reached(); for work without stages.
    void require_wanted() const;

    void cancel() { is_cancelled_ = true; }

    [[nodiscard]] Sight sight() const;

  private:
    Listener on_stage_;
    mutable std::mutex mutex_;
    Sight sight_;
    std::atomic<bool> is_cancelled_{false};
};

} // namespace pvh::daemon
