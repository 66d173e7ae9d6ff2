// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/unique_handle.h"

#include <csignal>
#include <initializer_list>

namespace pvh::cli {

/// Turns the signals that would end us into something to poll, so that a raw terminal is given back
/// on every way out. A reader of our output that goes away becomes a failing write.
class SignalCatcher {
  public:
    explicit SignalCatcher(std::initializer_list<int> others = {});
    SignalCatcher(const SignalCatcher&) = delete;
    SignalCatcher& operator=(const SignalCatcher&) = delete;
    SignalCatcher(SignalCatcher&&) = delete;
    SignalCatcher& operator=(SignalCatcher&&) = delete;
    ~SignalCatcher();

    /// Readable once a signal has come.
    [[nodiscard]] int fd() const { return fd_.get(); }

    /// Its number; 0 if none has come.
    [[nodiscard]] int take() const;

    /// Does what SIGTSTP does to others, for who catches it; returns when we continue.
    static void stop();

  private:
    UniqueFd fd_;
    sigset_t mask_before_{};

    struct sigaction pipe_before_ {};
};

} // namespace pvh::cli
