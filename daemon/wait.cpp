// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.wait: looks at the registry, sleeps until it changes, looks again.
#include "daemon/console.h"
#include "daemon/endings.h"
#include "daemon/select.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "rpc/protocol_error.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon::verbs {

namespace {

constexpr std::uint64_t kLongestWaitMs = 366ULL * 24 * 3600 * 1000;

void check_until(const std::string& until) {
    constexpr std::array<std::string_view, 4> kWords{"shutdown", "gone", "running", "console"};
    if (std::find(kWords.begin(), kWords.end(), until) == kWords.end())
        throw rpc::InvalidParams{
            R"(member "until" must be "shutdown", "gone", "running" or "console")"};
}

Clock::time_point deadline_of(const rpc::WaitParams& params) {
    if (!params.timeout_ms) return Clock::time_point::max();
    return Clock::now() + std::chrono::milliseconds{std::min(*params.timeout_ms, kLongestWaitMs)};
}

/// Who is waited for: its UUID, and the domid it had, which tells one life of a restarted domain
/// from the next.
struct Target {
    Domain domain;
    std::string name;
    bool has_ended{};
};

bool matches(const Ended& ended, const rpc::Selector& selector) {
    if (selector.uuid) return ended.domain.uuid == *selector.uuid;
    if (selector.domid) return ended.domain.id == DomId{*selector.domid};
    return ended.name == selector.name;
}

/// A domain that has just ended is not "not found" to somebody who waits for its end.
std::optional<Target> find_ended(const Registry& registry, const rpc::WaitParams& params) {
    if (params.until != "gone" && params.until != "shutdown") return std::nullopt;
    if (lookup(registry, params.domain)) return std::nullopt;
    const auto* ended =
        registry.find_ended([&](const Ended& e) { return matches(e, params.domain); });
    if (ended == nullptr) return std::nullopt;
    return Target{ended->domain, ended->name, true};
}

void check_waiter(const Call& call, const std::string& who, Clock::time_point deadline,
                  const std::string& until) {
    if (call.toolstack.is_stopping)
        throw Error{Errc::cancelled, "pvhd is stopping"}.with_hint("wait again when it is back");
    if (!call.peer->is_connected) throw Error{Errc::cancelled, "the client went away"};
    if (Clock::now() >= deadline)
        throw Error{Errc::timeout, fmt::format("{} did not become {} in time", who, until)};
}

/// Who is being created, or is between two lives, is waited for first.
Task<void> await_birth(Call call, rpc::WaitParams params, Clock::time_point deadline) {
    while (is_unborn(call.toolstack.registry, params.domain)) {
        check_waiter(call, fmt::format("the domain with {}", describe(params.domain)), deadline,
                     params.until);
        co_await call.toolstack.changed.wait(deadline);
    }
}

Task<Target> find_target(Call call, rpc::WaitParams params, Clock::time_point deadline) {
    if (auto ended = find_ended(call.toolstack.registry, params)) co_return *std::move(ended);
    co_await await_birth(call, params, deadline);
    const Record record = co_await find_domain(call.toolstack, std::move(params.domain));
    co_return Target{record.domain, record.name, false};
}

/// Why this life has ended; of one who is gone for good, the last of its lives.
std::string reason_of(const Registry& registry, const Target& target, const std::string& until) {
    if (until == "running") return "";
    const Record* record = registry.find(target.domain.id);
    if (record != nullptr && record->domain == target.domain)
        return record->is_shutdown ? shutdown_word(record->shutdown_reason) : "";
    const auto* ended = registry.find_ended([&](const Ended& e) {
        return until == "gone" ? e.domain.uuid == target.domain.uuid : e.domain == target.domain;
    });
    return ended == nullptr ? "" : ended->shutdown_reason;
}

/// The domain with the target's UUID as it is now: after a restart the next life. Null: none, or
/// dying.
const Record* alive(const Registry& registry, const Target& target) {
    const Record* record = registry.find(target.domain.id);
    if (record != nullptr && record->domain == target.domain && !record->is_dying) return record;
    return registry.find(target.domain.uuid);
}

bool is_reached(const Registry& registry, const Target& target, const std::string& until) {
    const Record* record = alive(registry, target);
    // While somebody works on it, it may come back (restart) or be half gone (destroy).
    const bool is_gone = record == nullptr && registry.operation_on(target.domain.uuid) == nullptr;
    if (until == "gone") return is_gone;
    if (until == "shutdown")
        return record == nullptr || record->is_shutdown || record->domain != target.domain;
    return record != nullptr && !record->is_paused && !record->is_shutdown; // running
}

/// Throws if what is waited for cannot come any more.
void check_hope(const Registry& registry, const Target& target, const std::string& until) {
    if (until != "running" || alive(registry, target) != nullptr) return;
    if (registry.operation_on(target.domain.uuid) != nullptr) return;
    throw Error{Errc::not_found, fmt::format("{} is gone", target.domain.id)};
}

} // namespace

Task<rpc::WaitResult> wait(Call call, rpc::WaitParams params) {
    check_until(params.until);
    const Clock::time_point deadline = deadline_of(params);
    if (params.until == "console") {
        co_await await_birth(call, params, deadline);
        const rpc::ConsoleResult found = co_await console_until(call, params.domain, deadline);
        rpc::WaitResult result;
        result.domain = found.domain;
        result.reached = params.until;
        co_return result;
    }
    const Target target = co_await find_target(call, params, deadline);
    const Registry& registry = call.toolstack.registry;
    while (!is_reached(registry, target, params.until)) {
        check_hope(registry, target, params.until);
        check_waiter(call, fmt::format("{}", target.domain.id), deadline, params.until);
        co_await call.toolstack.changed.wait(deadline);
    }
    rpc::WaitResult result;
    result.domain = {target.domain.uuid, target.name, target.domain.id.value()};
    result.reached = params.until;
    result.shutdown_reason = reason_of(registry, target, params.until);
    co_return result;
}

} // namespace pvh::daemon::verbs
