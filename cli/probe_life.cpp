// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/probe_life.h"

#include "cli/console_session.h"
#include "cli/selector.h"
#include "libdomain/core/scope_exit.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

namespace pvh::cli {

namespace {

using Clock = std::chrono::steady_clock;

/// No probe says so much; a guest that is none must not fill our memory.
constexpr std::size_t kMostText = 1024UL * 1024;

bool has_ended(std::string_view text) {
    for (const std::string_view mark : {"probe: end ", "probe: exception "}) {
        const auto at = text.find(mark);
        if (at != std::string_view::npos && text.find('\n', at) != std::string_view::npos)
            return true;
    }
    return false;
}

void require_no_signal(const SignalCatcher& signals) {
    if (signals.take() != 0) throw Error{Errc::cancelled, "the selftest was interrupted"};
}

/// What the guest says until it has come to its end, its console is gone, or the time is up.
std::string read_console(const ConsoleSession& session, Clock::time_point deadline,
                         const SignalCatcher& signals) {
    const int console = session.console.get();
    std::string text = session.already_read;
    while (!has_ended(text) && text.size() < kMostText) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) break;
        std::array<pollfd, 2> fds{{{console, POLLIN, 0}, {signals.fd(), POLLIN, 0}}};
        ::poll(fds.data(), fds.size(), static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (fds[1].revents != 0) require_no_signal(signals);
        if (fds[0].revents == 0) continue;
        std::array<char, 4096> chunk{};
        const ssize_t got = ::read(console, chunk.data(), chunk.size());
        if (got > 0)
            text.append(chunk.data(), static_cast<std::size_t>(got));
        else if (got == 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return text;
}

Outcome judge_end(const ProbeLife& life, const rpc::Selector& selector, Context& context) {
    Outcome outcome{.clause = "end." + life.reason,
                    .verdict = Verdict::fail,
                    .seen = "it did not end",
                    .domain = life.description};
    try {
        const auto ended = call_as<rpc::WaitResult>(
            context.daemon, "domain.wait",
            rpc::WaitParams{.domain = selector, .until = "shutdown", .timeout_ms = 20'000});
        outcome.seen = "it ended by " + ended.shutdown_reason;
        if (ended.shutdown_reason == life.reason) outcome.verdict = Verdict::pass;
    } catch (const DaemonUnreachable&) {
        throw;
    } catch (const Error& e) {
        if (e.code() != Errc::timeout) throw;
    }
    return outcome;
}

} // namespace

std::vector<Outcome> live(const ProbeLife& life, std::chrono::seconds limit,
                          const SignalCatcher& signals, Context& context) {
    require_no_signal(signals);
    rpc::CreateParams params;
    params.spec = rpc::Strictly<DomainSpec>{life.spec};
    const auto plan = call_as<rpc::PlanResult>(context.daemon, "domain.plan", params);
    params.paused = true;
    const auto created = call_as<rpc::CreateResult>(context.daemon, "domain.create", params);
    const rpc::Selector selector = select_domid(created.domain);
    const ScopeExit destroy{[&]() noexcept {
        try {
            context.daemon.call("domain.destroy", selector);
        } catch (const std::exception&) { // gone already, or the daemon is: nothing is left to do
        }
    }};

    const auto state = call_as<rpc::VcpuStateResult>(context.daemon, "domain.vcpu_state",
                                                     rpc::VcpuStateParams{.domain = selector});
    std::vector<Outcome> outcomes =
        judge_entry(state.state, plan.entry, plan.start_info, life.description);
    const ConsoleSession session = open_console(selector, ConsoleWish{}, context);
    context.daemon.call("domain.unpause", selector);
    const std::string text = read_console(session, Clock::now() + limit, signals);
    const auto said = read_probe(text, life.description);
    outcomes.insert(outcomes.end(), said.begin(), said.end());
    outcomes.push_back(judge_end(life, selector, context));
    return outcomes;
}

} // namespace pvh::cli
