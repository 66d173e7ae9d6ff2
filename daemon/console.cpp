// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console.h"

#include "daemon/host_watcher.h"
#include "daemon/select.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/domain.h"

#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

constexpr std::chrono::seconds kConsoleWait{10};

struct Console {
    std::string tty;
    std::string service;
};

Task<Console> ask_console(Toolstack& toolstack, Domain domain) {
    std::function<Console(WorkerContext&)> job = [domain](WorkerContext& context) -> Console {
        require_alive(context.hypervisor, domain);
        return {.tty = guest_text(console_tty(context.store, domain).value_or("")),
                .service = guest_text(console_service(context.store, domain), 64)};
    };
    return toolstack.queries.run(std::move(job));
}

void check_waiter(const Call& call, const Domain& domain, const std::string& service,
                  Clock::time_point deadline) {
    if (call.toolstack.is_stopping) throw Error{Errc::cancelled, "pvhd is stopping"};
    if (!call.peer->is_connected) throw Error{Errc::cancelled, "the client went away"};
    if (Clock::now() >= deadline)
        throw Error{Errc::timeout, fmt::format("{} has no console yet", domain.id)}.with_hint(
            fmt::format("is {} running?", service.empty() ? "xenconsoled" : service));
}

} // namespace

Task<rpc::ConsoleResult> console_until(Call call, rpc::Selector selector,
                                       Clock::time_point deadline) {
    Toolstack& toolstack = call.toolstack;
    const Record record = co_await find_domain(toolstack, std::move(selector));
    // A watch before the first look: what comes in between is not missed.
    const std::string node = fmt::format("/local/domain/{}/console/tty", record.domain.id.value());
    toolstack.watcher->watch_path(node);
    const ScopeExit unwatch{[&] { toolstack.watcher->unwatch_path(node); }};
    for (;;) {
        Console console = co_await ask_console(toolstack, record.domain);
        if (!console.tty.empty()) {
            rpc::ConsoleResult result;
            result.domain = identity_of(record);
            result.tty = std::move(console.tty);
            result.service = std::move(console.service);
            co_return result;
        }
        check_waiter(call, record.domain, console.service, deadline);
        co_await toolstack.changed.wait(deadline);
    }
}

Task<rpc::ConsoleResult> verbs::console(Call call, rpc::Selector selector) {
    return console_until(std::move(call), std::move(selector), Clock::now() + kConsoleWait);
}

} // namespace pvh::daemon
