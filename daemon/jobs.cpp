// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/jobs.h"

#include "libdomain/core/error.h"
#include "libdomain/core/uuid.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

std::shared_ptr<Job> Jobs::begin(std::string_view method, std::string by,
                                 std::shared_ptr<const std::string> subject) {
    if (jobs_.size() - ended_ >= kMostUnderWay)
        throw Error{Errc::busy,
                    fmt::format("{} jobs are under way, and no more are taken", kMostUnderWay)}
            .with_hint("try again when some have ended");
    auto job = std::make_shared<Job>(Job{.id = to_string(random_uuid()),
                                         .method = method,
                                         .by = std::move(by),
                                         .subject = std::move(subject)});
    jobs_.push_back(job);
    return job;
}

void Jobs::end(const std::shared_ptr<Job>& job) {
    job->ended = Clock::now();
    jobs_.erase(std::find(jobs_.begin(), jobs_.end(), job));
    jobs_.insert(jobs_.begin() + static_cast<std::ptrdiff_t>(ended_), job);
    if (++ended_ <= kMostEnded) return;
    jobs_.pop_front();
    --ended_;
}

std::shared_ptr<Job> Jobs::find(std::string_view id) const {
    const auto found =
        std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& job) { return job->id == id; });
    return found == jobs_.end() ? nullptr : *found;
}

} // namespace pvh::daemon
