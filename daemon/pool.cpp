// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/pool.h"

#include "daemon/birth.h"
#include "daemon/spawn.h"
#include "daemon/toolstack.h"
#include "libdomain/build/prepared.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

constexpr std::chrono::seconds kRetryAfterFailure{30};
// After what somebody has waited for: its answer goes out and its guest begins, or another follows.
constexpr std::chrono::milliseconds kBreath{100};
constexpr std::uint64_t kPagesPerMib = 256;

/// Of all domains that wait, until they are somebody's.
std::string name_of_prepared(const Uuid& uuid) {
    return "pvhd-prepared-" + to_string(uuid).substr(0, 8);
}

/// Twice what it takes has to be free: what clients want comes first.
void require_room(xen::Hypervisor& hv, std::uint64_t mib) {
    const xen::HostInfo host = hv.host_info();
    const std::uint64_t claimed = host.outstanding_pages.value();
    const std::uint64_t free = host.free_pages.value();
    const std::uint64_t free_mib = (free > claimed ? free - claimed : 0) / kPagesPerMib;
    if (free_mib < 2 * mib)
        throw Error{Errc::no_memory, fmt::format("{} MiB are free, and {} MiB are left for others",
                                                 free_mib, 2 * mib)};
}

} // namespace

void Pool::start(std::vector<PoolClass> classes, std::uint64_t max_mib) {
    max_mib_ = max_mib;
    for (PoolClass& what : classes)
        shelves_.push_back({.what = std::move(what), .ready = {}});
    if (!shelves_.empty()) spawn(toolstack_.loop, "preparing domains", keep_full());
}

Pool::Precedence::Precedence(Pool& pool) : pool_{pool} {
    ++pool_.builds_;
}

Pool::Precedence::~Precedence() {
    --pool_.builds_;
    pool_.not_before_ = std::max(pool_.not_before_, Clock::now() + kBreath);
    pool_.needed_.notify();
}

Pool::Taken::Taken(Pool& pool, std::size_t shelf, Prepared prepared)
    : pool_{pool}, shelf_{shelf}, prepared_{std::move(prepared)} {
    pool_.taken_.insert(uuid());
}

Pool::Taken::~Taken() {
    const Domain domain = prepared_.domain;
    pool_.taken_.erase(domain.uuid);
    try {
        if (!wanted_) {
            --pool_.hits_;
            pool_.shelves_[shelf_].ready.push_back({std::move(prepared_), Clock::now()});
        } else if (wanted_ != domain.uuid) {
            pool_.leaving_.push_back({domain, Clock::now()});
        }
    } catch (const std::exception& e) { // memory is short; it is to be seen, and no longer ours
        log::error("{} uuid={}: {}", domain.id, to_string(domain.uuid), e.what());
    }
}

Prepared Pool::Taken::use(const Uuid& wanted) {
    wanted_ = wanted;
    return prepared_;
}

std::unique_ptr<Pool::Taken> Pool::take(const DomainSpec& wanted) {
    if (shelves_.empty()) return nullptr;
    const auto shelf = std::find_if(shelves_.begin(), shelves_.end(), [&](const Shelf& one) {
        return !one.ready.empty() && with_what_is_given_late(one.what.spec, wanted) == wanted;
    });
    if (shelf == shelves_.end()) {
        ++misses_;
        return nullptr;
    }
    ++hits_;
    auto taken = std::make_unique<Taken>(*this, static_cast<std::size_t>(shelf - shelves_.begin()),
                                         std::move(shelf->ready.back().what));
    shelf->ready.pop_back();
    needed_.notify();
    return taken;
}

bool Pool::owns(const Uuid& uuid) const {
    const bool is_leaving = std::any_of(leaving_.begin(), leaving_.end(), [&](const Leaving& one) {
        return one.domain.uuid == uuid;
    });
    // One that keeps its UUID is seen as any that is being created.
    const bool is_to_be_another =
        taken_.contains(uuid) && toolstack_.registry.operation_on(uuid) == nullptr;
    if (in_the_making_ == uuid || is_leaving || is_to_be_another) return true;
    return std::any_of(shelves_.begin(), shelves_.end(), [&](const Shelf& shelf) {
        return std::any_of(shelf.ready.begin(), shelf.ready.end(),
                           [&](const Waiting& one) { return one.what.domain.uuid == uuid; });
    });
}

void Pool::look(std::span<const xen::DomainInfo> present, Clock::time_point asked) {
    const auto find = [&](const Domain& domain) {
        return std::find_if(present.begin(), present.end(), [&](const xen::DomainInfo& info) {
            return Domain{info.id, info.handle} == domain;
        });
    };
    std::erase_if(leaving_, [&](const Leaving& one) {
        return one.since && *one.since < asked && find(one.domain) == present.end();
    });
    const auto is_lost = [&](const Waiting& one) {
        const auto info = find(one.what.domain);
        return one.since < asked && (info == present.end() || !is_untouched(*info));
    };
    for (Shelf& shelf : shelves_) {
        std::vector<Domain> lost;
        for (const Waiting& one : shelf.ready)
            if (is_lost(one)) lost.push_back(one.what.domain);
        std::erase_if(shelf.ready, is_lost);
        for (const Domain& domain : lost) {
            log::warn("{} uuid={}, prepared by \"{}\", was ended or started by somebody else",
                      domain.id, to_string(domain.uuid), shelf.what.file);
            leaving_.push_back({domain, std::nullopt});
            spawn(toolstack_.loop, "clearing up", destroy(domain));
        }
        if (!lost.empty()) needed_.notify();
    }
}

Task<bool> Pool::give_back() {
    const RunningMark mark{toolstack_};
    not_before_ = Clock::now() + kRetryAfterFailure;
    while (in_the_making_)
        co_await needed_.wait();
    std::vector<Domain> all;
    for (Shelf& shelf : shelves_) {
        for (const Waiting& one : shelf.ready)
            all.push_back(one.what.domain);
        shelf.ready.clear();
    }
    for (const Domain& domain : all)
        leaving_.push_back({domain, std::nullopt});
    const bool has_given = is_any_leaving(); // or others give back just now
    for (const Domain& domain : all)
        co_await destroy(domain);
    while (is_any_leaving())
        co_await needed_.wait();
    co_return has_given;
}

Task<void> Pool::close() {
    needed_.notify();
    co_await give_back();
}

std::vector<Pool::Figures> Pool::figures() const {
    std::vector<Figures> all;
    for (const Shelf& shelf : shelves_)
        all.push_back(
            {.file = shelf.what.file, .wanted = shelf.what.size, .ready = shelf.ready.size()});
    return all;
}

Task<void> Pool::keep_full() {
    while (!toolstack_.is_stopping) {
        Shelf* const shelf = neediest();
        const bool is_free = builds_ == 0;
        if (shelf != nullptr && is_free && Clock::now() >= not_before_)
            co_await fill(*shelf);
        else
            co_await needed_.wait(shelf != nullptr && is_free ? not_before_
                                                              : Clock::time_point::max());
    }
}

Pool::Shelf* Pool::neediest() {
    Shelf* found = nullptr;
    std::size_t most = 0;
    const std::uint64_t held = held_mib();
    for (Shelf& shelf : shelves_) {
        if (shelf.ready.size() >= shelf.what.size) continue;
        if (held + shelf.what.spec.memory_mib > max_mib_) continue;
        const std::size_t lacking = shelf.what.size - shelf.ready.size();
        if (lacking <= most) continue;
        most = lacking;
        found = &shelf;
    }
    return found;
}

Task<void> Pool::fill(Shelf& shelf) {
    const RunningMark mark{toolstack_};
    DomainSpec spec = shelf.what.spec;
    spec.uuid = random_uuid();
    spec.name = name_of_prepared(*spec.uuid);
    in_the_making_ = spec.uuid;
    const auto like = shelf.ready.empty() ? nullptr : shelf.ready.back().what.plan;
    const auto ramdisk = shelf.ready.empty() ? std::nullopt : shelf.ready.back().what.ramdisk;
    std::function<Prepared(WorkerContext&)> job = [states = toolstack_.states,
                                                   order = make_order(toolstack_, std::move(spec)),
                                                   like, ramdisk](WorkerContext& context) {
        require_room(context.hypervisor, order.spec.memory_mib);
        return prepare(context, states, order, like, ramdisk);
    };
    try {
        Prepared made = co_await toolstack_.lone_builder.run(std::move(job));
        shelf.ready.push_back({std::move(made), Clock::now()});
    } catch (const std::exception& e) { // memory may be short, too
        log::warn("prepare a domain by \"{}\": {}", shelf.what.file, e.what());
        not_before_ = Clock::now() + kRetryAfterFailure;
    }
    in_the_making_.reset();
    needed_.notify();
}

std::uint64_t Pool::held_mib() const {
    std::uint64_t sum = 0;
    for (const Shelf& shelf : shelves_)
        sum += shelf.ready.size() * shelf.what.spec.memory_mib;
    return sum;
}

Task<void> Pool::destroy(Domain domain) {
    const RunningMark mark{toolstack_};
    std::function<void(WorkerContext&)> job = [domain,
                                               states = toolstack_.states](WorkerContext& context) {
        destroy_for_good(context, domain);
        states.remove(domain.uuid);
    };
    bool is_destroyed = true;
    try {
        co_await toolstack_.builders.run(std::move(job));
    } catch (const std::exception& e) { // then it is to be seen, and no longer ours
        log::error("destroy {} uuid={}: {}", domain.id, to_string(domain.uuid), e.what());
        is_destroyed = false;
    }
    const auto one = std::find_if(leaving_.begin(), leaving_.end(),
                                  [&](const Leaving& other) { return other.domain == domain; });
    if (one != leaving_.end() && is_destroyed)
        one->since = Clock::now();
    else if (one != leaving_.end())
        leaving_.erase(one);
    needed_.notify();
}

bool Pool::is_empty() const {
    return !in_the_making_ && !is_any_leaving() &&
           std::all_of(shelves_.begin(), shelves_.end(),
                       [](const Shelf& shelf) { return shelf.ready.empty(); });
}

bool Pool::is_any_leaving() const {
    return std::any_of(leaving_.begin(), leaving_.end(),
                       [](const Leaving& one) { return !one.since; });
}

} // namespace pvh::daemon
