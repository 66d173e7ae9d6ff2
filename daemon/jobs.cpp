// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/jobs.h"

#include "libdomain/core/error.h"
#include "libdomain/core/uuid.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

std::shared_ptr<Job> Jobs::begin(std::string_view method, std::string by, std::string subject) {
    if (under_way() >= kMostUnderWay)
        throw Error{Errc::busy, fmt::format("{} jobs are under way, and no more are taken",
                                            kMostUnderWay)}
            .with_hint("try again when some have ended");
    forget_oldest();
    auto job = std::make_shared<Job>(Job{.id = to_string(random_uuid()),
                                         .method = method,
                                         .by = std::move(by),
                                         .subject = std::move(subject)});
    jobs_.push_back(job);
    return job;
}

std::shared_ptr<Job> Jobs::find(std::string_view id) const {
    const auto found =
        std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& job) { return job->id == id; });
    return found == jobs_.end() ? nullptr : *found;
}

std::size_t Jobs::under_way() const {
    return static_cast<std::size_t>(
        std::count_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return !job->ended; }));
}

void Jobs::forget_oldest() {
    std::size_t ended = jobs_.size() - under_way();
    for (auto job = jobs_.begin(); job != jobs_.end() && ended >= kMostEnded;) {
        const bool has_ended = (*job)->ended.has_value();
        job = has_ended ? jobs_.erase(job) : std::next(job);
        if (has_ended) --ended;
    }
}

} // namespace pvh::daemon
