// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/policy.h"

#include "daemon/birth.h"
#include "daemon/dump.h"
#include "daemon/endings.h"
#include "daemon/host_watcher.h"
#include "daemon/revival.h"
#include "daemon/set_aside.h"
#include "daemon/spawn.h"
#include "daemon/text.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

constexpr std::chrono::seconds kRetryAfterFailure{10};

std::string_view word_of(Consequence consequence) {
    switch (consequence) {
    case Consequence::leave:
        return "left as it is";
    case Consequence::destroy:
        return "destroying it";
    case Consequence::restart:
        return "restarting it";
    case Consequence::replace:
        return "restarting it, and keeping what has ended";
    }
    return "left as it is";
}

void log_ending(const Record& record, const Verdict& verdict, bool is_dumped) {
    log::info("{} \"{}\" uuid={} ended: {}; {}{}", record.domain.id, printable(record.name),
              to_string(record.domain.uuid), shutdown_word(record.shutdown_reason),
              is_dumped ? "dumping its core and " : "", word_of(verdict.consequence));
    if (!verdict.remark.empty()) log::warn("{}: {}", record.domain.id, verdict.remark);
}

unsigned quick_ends_of(const Toolstack& toolstack, const Record& record) {
    const bool is_quick = Clock::now() - record.since < toolstack.quick_end;
    return is_quick ? record.quick_ends + 1 : 0;
}

/// The record, if it is still the same ended domain.
const Record* still_ended(const Toolstack& toolstack, const Domain& domain) {
    const Record* record = toolstack.registry.find(domain.id);
    if (record == nullptr || record->domain != domain || !record->is_shutdown || record->is_dying)
        return nullptr;
    return record;
}

/// Waits until nobody else works on it; false if then there is nothing left to do, or the next pvhd
/// will do it.
Task<bool> take_turn(Toolstack& toolstack, Domain domain) {
    while (!toolstack.is_stopping && toolstack.registry.operation_on(domain.uuid) != nullptr)
        co_await toolstack.changed.wait();
    co_return !toolstack.is_stopping && still_ended(toolstack, domain) != nullptr;
}

/// As long as the ended domain is there and pvhd stays.
Task<void> linger(Toolstack& toolstack, Domain domain, std::chrono::milliseconds delay) {
    const auto deadline = Clock::now() + delay;
    while (Clock::now() < deadline && !toolstack.is_stopping &&
           still_ended(toolstack, domain) != nullptr)
        co_await toolstack.changed.wait(deadline);
}

/// Without a delay: it is not restarted any more.
void report_brake(Toolstack& toolstack, const Domain& domain, const std::string& message,
                  std::optional<std::chrono::milliseconds> delay) {
    const Record* record = toolstack.registry.find(domain.id);
    if (record == nullptr || record->domain != domain) return;
    rpc::EventData data;
    data.message = message;
    if (delay) data.delay_ms = static_cast<std::uint64_t>(delay->count());
    toolstack.report(delay ? rpc::EventType::domain_restart_delayed
                           : rpc::EventType::domain_given_up,
                     domain, record->name, std::move(data));
}

/// "it ended right after its start", and how often it has done so.
std::string complaint_about(unsigned quick_ends) {
    const std::string complaint = "it ended right after its start";
    return quick_ends == 1 ? complaint
                           : fmt::format("{}, {} times in a row", complaint, quick_ends);
}

/// Brakes a domain that ends again and again, and gives up at last. The ended one stays meanwhile:
/// it can be looked at, and destroyed. False if it is not to be restarted.
Task<bool> brake(Toolstack& toolstack, Domain domain, unsigned quick_ends) {
    if (quick_ends == 0) co_return true;
    const bool is_hopeless = quick_ends >= kMostQuickEnds;
    const auto delay = restart_delay(quick_ends);
    const std::string remark =
        fmt::format("{}: {}", complaint_about(quick_ends),
                    is_hopeless ? "leaving it as it is"
                                : fmt::format("restarting it in {} s", delay.count() / 1000));
    log::warn("{}: {}", domain.id, remark);
    toolstack.registry.remark(domain.id, remark);
    report_brake(toolstack, domain, remark, is_hopeless ? std::nullopt : std::optional{delay});
    if (!is_hopeless) co_await linger(toolstack, domain, delay);
    co_return !is_hopeless;
}

Task<void> destroy(Toolstack& toolstack, Domain domain) {
    const OperationToken token =
        toolstack.registry.begin(domain.uuid, Op::destroy, std::string{kPolicy});
    const RunningMark mark{toolstack};
    co_await end_domain(toolstack, domain);
    ++toolstack.counters.destroys_by_policy;
    toolstack.watcher->request_rescan();
}

Task<void> restart(Toolstack& toolstack, Record record, Consequence consequence,
                   unsigned quick_ends) {
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::restart, std::string{kPolicy});
    rpc::EventData data;
    data.reason = shutdown_word(record.shutdown_reason);
    toolstack.report(rpc::EventType::domain_restarting, record.domain, record.name,
                     std::move(data));
    {
        const RunningMark mark{toolstack};
        if (consequence == Consequence::replace)
            co_await set_aside(toolstack, record);
        else
            co_await end_domain(toolstack, record.domain, Afterlife::restart);
    }
    co_await revive(toolstack, *std::move(record.spec), quick_ends);
}

Task<void> carry_out(Toolstack& toolstack, Record record, Consequence consequence,
                     unsigned quick_ends) {
    if (consequence == Consequence::leave) co_return;
    if (consequence != Consequence::destroy) { // g++ 12 gets a co_await behind && wrong
        const bool goes_on = co_await brake(toolstack, record.domain, quick_ends);
        if (!goes_on) co_return;
    }
    if (!co_await take_turn(toolstack, record.domain)) co_return;
    if (consequence == Consequence::destroy)
        co_await destroy(toolstack, record.domain);
    else
        co_await restart(toolstack, *still_ended(toolstack, record.domain), consequence,
                         quick_ends);
}

/// Waits until nobody works on it and no other core is being dumped; as take_turn.
Task<bool> take_turn_to_dump(Toolstack& toolstack, Domain domain) {
    const auto is_hindered = [&] {
        return is_dumping(toolstack, domain.uuid) ||
               toolstack.registry.operation_on(domain.uuid) != nullptr;
    };
    while (!toolstack.is_stopping && is_hindered())
        co_await toolstack.changed.wait();
    co_return !toolstack.is_stopping && still_ended(toolstack, domain) != nullptr;
}

/// Whatever comes of it, the rest of the policy follows.
Task<void> dump_first(Toolstack& toolstack, Record record) {
    if (!co_await take_turn_to_dump(toolstack, record.domain)) co_return;
    {
        const OperationToken token =
            toolstack.registry.begin(record.domain.uuid, Op::dump, std::string{kPolicy});
        const RunningMark mark{toolstack};
        co_await dump_ended(toolstack, std::move(record));
    }
    try { // somebody may have destroyed it meanwhile
        co_await toolstack.watcher->rescan();
    } catch (const Error& e) {
        log::warn("look whether an ended domain is still there: {}", e.what());
    }
}

/// False if it failed.
Task<bool> try_to_carry_out(Toolstack& toolstack, Record record, Consequence consequence,
                            unsigned quick_ends) {
    try {
        co_await carry_out(toolstack, record, consequence, quick_ends);
        co_return true;
    } catch (const std::exception& e) { // memory may be short, too
        log::error("{} \"{}\" uuid={} ended, and {} failed: {}", record.domain.id,
                   printable(record.name), to_string(record.domain.uuid), word_of(consequence),
                   e.what());
        toolstack.watcher->request_rescan();
        co_return false;
    }
}

Task<void> handle_ending(Toolstack& toolstack, Record record) {
    const Verdict verdict = judge_ending(record.spec.value(), record.shutdown_reason);
    const unsigned quick_ends = quick_ends_of(toolstack, record);
    // In a crash loop the first dump tells as much as the twelfth.
    const bool is_dumped = verdict.is_dumped && quick_ends < 2;
    log_ending(record, verdict, is_dumped);
    if (is_dumped) co_await dump_first(toolstack, record);
    while (!co_await try_to_carry_out(toolstack, record, verdict.consequence, quick_ends)) {
        co_await linger(toolstack, record.domain, kRetryAfterFailure);
        if (toolstack.is_stopping || still_ended(toolstack, record.domain) == nullptr) co_return;
    }
}

} // namespace

Task<void> enforce_policies(Toolstack& toolstack) {
    while (!toolstack.is_stopping) {
        for (const Domain& domain : toolstack.registry.due_endings()) {
            toolstack.registry.mark_end_handled(domain.id);
            spawn(toolstack.loop, "policy",
                  handle_ending(toolstack, *toolstack.registry.find(domain.id)));
        }
        co_await toolstack.changed.wait();
    }
}

} // namespace pvh::daemon
