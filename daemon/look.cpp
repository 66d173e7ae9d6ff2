// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.list and domain.get: numbers from Xen as it is now, names from memory.
#include "daemon/select.h"
#include "daemon/status.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/domain.h"

#include <algorithm>
#include <utility>

namespace pvh::daemon::verbs {

namespace {

struct Sight {
    xen::DomainInfo info;
    std::string tty;
};

/// Those that Xen has not, since they are between two lives.
void add_restarting(rpc::ListResult& result, const Registry& registry) {
    for (const auto& [uuid, operation] : registry.operations()) {
        const auto is_it = [&, id = uuid](const rpc::DomainStatus& status) {
            return status.domain.uuid == id && !status.dying;
        };
        if (operation.op == Op::restart &&
            std::none_of(result.domains.begin(), result.domains.end(), is_it))
            result.domains.push_back(make_status(uuid, operation));
    }
}

} // namespace

Task<rpc::ListResult> list(Call call, rpc::ListParams params) {
    Toolstack& toolstack = call.toolstack;
    rpc::ListResult result;
    result.fields = std::move(params.fields);
    for (const auto& info : co_await list_domains(toolstack))
        result.domains.push_back(make_status(info, toolstack.registry));
    add_restarting(result, toolstack.registry);
    co_return result;
}

Task<rpc::GetResult> get(Call call, rpc::Selector selector) {
    Toolstack& toolstack = call.toolstack;
    const Record record = co_await find_domain(toolstack, std::move(selector));
    std::function<Sight(WorkerContext&)> job = [domain = record.domain](WorkerContext& context) {
        return Sight{require_alive(context.hypervisor, domain),
                     guest_text(console_tty(context.store, domain).value_or(""))};
    };
    const Sight sight = co_await toolstack.queries.run(std::move(job));
    rpc::GetResult result;
    result.status = make_status(sight.info, toolstack.registry);
    result.spec = record.spec;
    if (record.is_managed()) result.next_spec = toolstack.states.load_next(record.domain.uuid);
    result.console_tty = sight.tty;
    co_return result;
}

} // namespace pvh::daemon::verbs
