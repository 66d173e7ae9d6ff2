// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <concepts>
#include <optional>
#include <utility>

namespace pvh {

/// Runs a function when the scope ends, unless dismissed. Three of them in one function mean that a
/// type is missing.
template <std::invocable F> class [[nodiscard]] ScopeExit {
  public:
    explicit ScopeExit(F fn) : fn_{std::move(fn)} {}

    ScopeExit(ScopeExit&& other) noexcept : fn_{std::exchange(other.fn_, std::nullopt)} {}

    ScopeExit& operator=(ScopeExit&&) = delete;
    ScopeExit(const ScopeExit&) = delete;
    ScopeExit& operator=(const ScopeExit&) = delete;

    ~ScopeExit() {
        if (fn_) (*fn_)();
    }

    void dismiss() noexcept { fn_.reset(); }

  private:
    std::optional<F> fn_;
};

} // namespace pvh
