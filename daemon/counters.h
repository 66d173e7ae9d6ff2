// SPDX-License-Identifier: LGPL-2.1-or-later
// What pvhd counts of its own doings since its start, for metrics.get. Belongs to the loop thread.
#pragma once

#include "libdomain/core/error.h"
#include "libdomain/core/timeline.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

namespace pvh::daemon {

/// How long something took, in few classes: builds take from milliseconds to seconds.
class Histogram {
  public:
    /// Upper bounds of the classes but the last, which has none.
    static constexpr std::array<std::chrono::microseconds, 5> kBounds{
        std::chrono::milliseconds{1}, std::chrono::milliseconds{10}, std::chrono::milliseconds{100},
        std::chrono::seconds{1}, std::chrono::seconds{10}};

    void add(std::chrono::microseconds took) {
        std::size_t i = 0;
        while (i < kBounds.size() && took > kBounds.at(i))
            ++i;
        ++counts_.at(i);
        sum_ += took;
    }

    /// How many took no longer than the bound of this class; of the last, all.
    [[nodiscard]] std::uint64_t up_to(std::size_t i) const {
        std::uint64_t sum = 0;
        for (std::size_t k = 0; k <= i; ++k)
            sum += counts_.at(k);
        return sum;
    }

    [[nodiscard]] std::uint64_t count() const { return up_to(kBounds.size()); }

    [[nodiscard]] std::chrono::microseconds sum() const { return sum_; }

  private:
    std::array<std::uint64_t, kBounds.size() + 1> counts_{};
    std::chrono::microseconds sum_{};
};

struct Counters {
    std::uint64_t requests{};
    std::array<std::uint64_t, kErrcs> errors{}; // answered, by code
    std::uint64_t creates{};
    std::uint64_t destroys_by_clients{};
    std::uint64_t destroys_by_policy{};
    std::uint64_t restarts{};
    std::size_t connections{};                           // now
    std::map<std::string_view, Histogram> create_stages; // by their names, which are literals

    void count_error(Errc code) { ++errors.at(static_cast<std::size_t>(code)); }

    void count_create(const Timeline& timeline) {
        ++creates;
        for (const Timeline::Stage& stage : timeline.stages())
            create_stages[stage.name].add(stage.took);
    }
};

} // namespace pvh::daemon
