// SPDX-License-Identifier: LGPL-2.1-or-later
// events.list and events.subscribe
//
// A subscriber has a place in the log, not a queue: it is sent what follows as fast as it reads,
// and who reads slower than things happen is told what it has missed.
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "rpc/jsonrpc.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::daemon::verbs {

namespace {

constexpr std::uint64_t kMostListed = EventLog::kKept;

bool matches(const rpc::EventFilter& filter, const rpc::Event& event) {
    const rpc::Selector& wanted = filter.domain;
    if (wanted.uuid && event.domain.uuid != *wanted.uuid) return false;
    if (wanted.name && event.domain.name != *wanted.name && event.data.old_name != *wanted.name)
        return false;
    if (wanted.domid && event.domain.domid != *wanted.domid) return false;
    return filter.types.empty() ||
           std::any_of(filter.types.begin(), filter.types.end(),
                       [&](rpc::EventType type) { return word_of(type) == event.type; });
}

/// The number of the first event after `since`. Throws events_lost if it is not kept any more, or
/// belongs to another log.
std::uint64_t place_after(const EventLog& events, std::uint64_t since, const std::string& boot_id) {
    const bool is_other = !boot_id.empty() && boot_id != events.boot_id();
    if (!is_other && since + 1 >= events.first() && since < events.next()) return since + 1;
    throw Error{Errc::events_lost,
                is_other ? fmt::format("the events of boot_id {} are gone, it is {} now", boot_id,
                                       events.boot_id())
                         : fmt::format("events after {} are not there: {} to {} are kept", since,
                                       events.first(), events.next() - 1)}
        .with_hint("look at the domains themselves (pvhctl list), and go on without since");
}

nlohmann::json notification(const rpc::Event& event) {
    return rpc::make_notification("event", event);
}

/// To somebody who was to be sent `missed` next, which is no longer kept.
rpc::Event overflow(const EventLog& events, std::uint64_t missed) {
    rpc::Event event{.seq = events.first() - 1,
                     .boot_id = events.boot_id(),
                     .time = events.at(events.first()).time,
                     .type = std::string{word_of(rpc::EventType::overflow)},
                     .domain = {},
                     .data = {}};
    event.data.first_lost = missed;
    event.data.last_lost = events.first() - 1;
    return event;
}

/// Sends what is there; returns the number of the event to come.
Task<std::uint64_t> catch_up(const EventLog& events, std::shared_ptr<Outlet> outlet,
                             rpc::EventFilter filter, std::uint64_t place) {
    while (outlet->is_open() && place < events.next()) {
        if (place < events.first()) {
            outlet->send(notification(overflow(events, place)));
            place = events.first();
        }
        const rpc::Event& event = events.at(place++);
        if (!matches(filter, event)) continue;
        outlet->send(notification(event));
        co_await outlet->room();
    }
    co_return place;
}

Task<void> follow(Toolstack& toolstack, std::shared_ptr<Outlet> outlet, rpc::EventFilter filter,
                  std::uint64_t place) {
    // The answer is to leave first.
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    while (outlet->is_open()) {
        place = co_await catch_up(toolstack.events, outlet, filter, place);
        if (outlet->is_open() && place == toolstack.events.next())
            co_await toolstack.changed.wait();
    }
}

} // namespace

Task<rpc::EventsResult> events(Call call, rpc::EventsParams params) {
    const EventLog& events = call.toolstack.events;
    std::uint64_t place =
        params.since ? place_after(events, *params.since, params.boot_id) : events.first();
    rpc::EventsResult result;
    result.boot_id = events.boot_id();
    result.first = events.first();
    result.last = events.next() - 1;
    const std::uint64_t limit = std::min(params.limit, kMostListed);
    for (; place < events.next() && result.events.size() < limit; ++place)
        if (matches(params.filter, events.at(place))) result.events.push_back(events.at(place));
    co_return result;
}

Task<rpc::SubscribeResult> subscribe(Call call, rpc::SubscribeParams params) {
    const EventLog& events = call.toolstack.events;
    const std::uint64_t place =
        params.since ? place_after(events, *params.since, params.boot_id) : events.next();
    call.outlet->keep_for(follow(call.toolstack, call.outlet, std::move(params.filter), place));
    rpc::SubscribeResult result;
    result.boot_id = events.boot_id();
    result.seq = place - 1;
    co_return result;
}

} // namespace pvh::daemon::verbs
