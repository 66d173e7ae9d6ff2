// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/disk_claim.h"

#include "libdomain/core/error.h"

#include <map>
#include <mutex>
#include <utility>

#include <fmt/format.h>

namespace pvh::host {

namespace {

struct Claimed {
    std::string target;
    Medium medium;
    bool is_writable{};
};

std::mutex mutex;
std::map<unsigned, Claimed> claims; // by number
unsigned last_number = 0;

} // namespace

DiskClaim::DiskClaim(const std::string& target, const Medium& medium, bool is_writable) {
    const std::lock_guard lock{mutex};
    for (const auto& [number, other] : claims)
        if ((is_writable || other.is_writable) && overlaps(medium, other.medium))
            throw Error{Errc::busy,
                        fmt::format("{} is being attached elsewhere this moment, as {}{}", target,
                                    other.target, other.is_writable ? " for writing" : "")}
                .with_hint("only read-only disks may share a medium: access=ro");
    number_ = ++last_number;
    claims.emplace(number_, Claimed{target, medium, is_writable});
}

DiskClaim::DiskClaim(DiskClaim&& other) noexcept : number_{std::exchange(other.number_, 0)} {}

DiskClaim::~DiskClaim() {
    const std::lock_guard lock{mutex};
    claims.erase(number_);
}

} // namespace pvh::host
