// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/revival.h"

#include "daemon/birth.h"
#include "daemon/next_config.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

using std::chrono::seconds;

/// Between two attempts: the first of these, twice as long each time, up to the second.
constexpr seconds kLongestPause{60};

bool is_called_off(const Toolstack& toolstack, const Uuid& uuid) {
    const auto* operation = toolstack.registry.operation_on(uuid);
    return operation == nullptr || operation->is_called_off;
}

/// Another toolstack knows nothing of who waits for its name.
void require_free_name(const Registry& registry, const DomainSpec& spec) {
    const auto same = registry.find(std::string_view{spec.name});
    if (!same.empty())
        throw Error{Errc::already_exists, fmt::format("{} has the name \"{}\" meanwhile",
                                                      same.front()->domain.id, spec.name)};
}

/// What went wrong; nothing if the domain is there.
Task<std::optional<std::string>> try_birth(Toolstack& toolstack, DomainSpec spec,
                                           unsigned quick_ends) {
    const RunningMark mark{toolstack};
    try {
        require_free_name(toolstack.registry, spec);
        Birth birth{.order = make_order(toolstack, spec),
                    .quick_ends = quick_ends,
                    .prepared = std::nullopt};
        birth.order.afterlife = Afterlife::restart;
        const BuildOutcome outcome = co_await give_birth(toolstack, std::move(birth));
        ++toolstack.counters.restarts;
        log::info("\"{}\" uuid={} restarted, as {}", spec.name, to_string(outcome.domain.uuid),
                  outcome.domain.id);
    } catch (const std::exception& e) { // memory may be short, too
        co_return e.what();
    }
    co_return std::nullopt;
}

/// False if there is no next attempt.
Task<bool> pause_before_next(Toolstack& toolstack, Uuid uuid, std::chrono::milliseconds pause) {
    const auto deadline = Clock::now() + pause;
    while (Clock::now() < deadline && !toolstack.is_stopping && !is_called_off(toolstack, uuid))
        co_await toolstack.changed.wait(deadline);
    co_return !toolstack.is_stopping && !is_called_off(toolstack, uuid);
}

std::chrono::milliseconds pause_after(const Toolstack& toolstack, unsigned attempt) {
    const auto doubled = toolstack.restart_retry * (1U << std::min(attempt - 1, 10U));
    return std::min<std::chrono::milliseconds>(doubled, kLongestPause);
}

void report_failure(Toolstack& toolstack, const DomainSpec& spec, const std::string& failure,
                    std::chrono::milliseconds pause) {
    rpc::EventData data;
    data.message = failure;
    data.delay_ms = static_cast<std::uint64_t>(pause.count());
    toolstack.report(rpc::EventType::domain_restart_failed, {kNoDomain, spec.uuid.value()},
                     spec.name, std::move(data));
}

} // namespace

Task<void> revive(Toolstack& toolstack, DomainSpec spec, unsigned quick_ends) {
    const Uuid uuid = spec.uuid.value();
    spec = take_next_config(toolstack, std::move(spec));
    for (unsigned attempt = 1;; ++attempt) {
        const auto failure = co_await try_birth(toolstack, spec, quick_ends);
        if (!failure) co_return;
        const auto pause = pause_after(toolstack, attempt);
        const std::string remark =
            fmt::format("attempt {} failed ({}), the next one is after {} s", attempt, *failure,
                        std::chrono::ceil<seconds>(pause).count());
        log::error("restart of \"{}\" uuid={}: {}", spec.name, to_string(uuid), remark);
        toolstack.registry.remark(uuid, remark);
        report_failure(toolstack, spec, *failure, pause);
        if (co_await pause_before_next(toolstack, uuid, pause)) continue;
        if (!is_called_off(toolstack, uuid)) co_return;
        log::info("restart of \"{}\" uuid={} called off", spec.name, to_string(uuid));
        toolstack.states.remove(uuid);
        co_return;
    }
}

Task<void> resume_restart(Toolstack& toolstack, DomainSpec spec) {
    const OperationToken token =
        toolstack.registry.resume_restart(spec.uuid.value(), spec.name, std::string{kPolicy});
    co_await revive(toolstack, std::move(spec), 0);
}

} // namespace pvh::daemon
