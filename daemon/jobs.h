// SPDX-License-Identifier: LGPL-2.1-or-later
// Calls that were answered before they were done ("mode": "job").   [rpc/protocol.md, "Jobs"]
#pragma once

#include "daemon/asio.h"
#include "daemon/progress.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pvh::daemon {

struct Job {
    std::string id; // a UUID: that of a pvhd before this one is nobody's
    std::string_view method;
    std::string by;                               // "pid 123 uid 0"
    std::shared_ptr<const std::string> subject{}; // "name=\"web\"", as far as it is known
    std::shared_ptr<Progress> progress{};
    Clock::time_point began = Clock::now();
    std::optional<Clock::time_point> ended{};
    std::optional<nlohmann::json> result{}; // if it ended well
    std::optional<nlohmann::json> error{};  // if it did not: an error object of JSON-RPC
    bool is_cancelled{};                    // that was why
};

/// Those under way and the last that ended. Belongs to the loop thread.
class Jobs {
  public:
    /// Throws busy if there are too many.
    std::shared_ptr<Job> begin(std::string_view method, std::string by,
                               std::shared_ptr<const std::string> subject);
    void end(const std::shared_ptr<Job>& job);
    /// Null: there is none, or it ended too long ago.
    [[nodiscard]] std::shared_ptr<Job> find(std::string_view id) const;

    /// Those that have ended, as they ended, and those under way, as they began.
    [[nodiscard]] const std::deque<std::shared_ptr<Job>>& all() const { return jobs_; }

    static constexpr std::size_t kMostUnderWay = 256;
    static constexpr std::size_t kMostEnded = 256;

  private:
    std::deque<std::shared_ptr<Job>> jobs_; // first those that have ended
    std::size_t ended_{0};                  // so many
};

} // namespace pvh::daemon
