// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.set_config
#include "daemon/next_config.h"

#include "daemon/act.h"
#include "daemon/birth.h"
#include "daemon/build_job.h"
#include "daemon/description.h"
#include "daemon/select.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/spec/validate.h"

#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

Error not_ours(const Record& record) {
    return Error{Errc::unsupported,
                 fmt::format("{} was made by another toolstack", record.domain.id)}
        .with_hint("its config is kept by the toolstack that made it: xl config-update");
}

/// The config is of the domain that there is: it stays who it is.
config::ReadResult read_for(const Record& record, const rpc::SetConfigParams& params) {
    config::ReadResult read = read_description(params);
    if (read.spec.name != record.name)
        read.warnings.push_back(
            fmt::format("the domain keeps its name \"{}\": pvhctl rename changes "
                        "it, not the \"{}\" of a config",
                        record.name, read.spec.name));
    read.spec.name = record.name;
    read.spec.uuid = record.domain.uuid;
    require_valid(read.spec);
    return read;
}

} // namespace

DomainSpec take_next_config(const Toolstack& toolstack, DomainSpec spec) {
    const Uuid uuid = spec.uuid.value();
    auto next = toolstack.states.load_next(uuid);
    if (!next) return spec;
    next->name = spec.name; // it may have been renamed since
    try {
        toolstack.states.save({.phase = Phase::restarting, .spec = *next, .domid = std::nullopt});
        toolstack.states.remove_next(uuid);
    } catch (const Error& e) { // a full disk must not keep it away: the next life asks again
        log::warn("\"{}\" uuid={}: {}", printable(spec.name), to_string(uuid), e.what());
    }
    log::info("\"{}\" uuid={} gets the config that it was given", printable(spec.name),
              to_string(uuid));
    return *std::move(next);
}

namespace verbs {

Task<rpc::SetConfigResult> set_config(Call call, rpc::SetConfigParams params) {
    Toolstack& toolstack = call.toolstack;
    const Record record = co_await find_guest(toolstack, params.domain);
    if (!record.is_managed()) throw not_ours(record);
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::set_config, call.peer->describe());
    config::ReadResult read = read_for(record, params);
    // What a create would complain about is better known now than when the guest reboots.
    std::function<void(WorkerContext&)> job =
        [order = make_order(toolstack, read.spec)](WorkerContext& /*context*/) {
            Timeline timeline;
            make_plan(order, timeline);
        };
    co_await toolstack.builders.run(std::move(job));
    if (toolstack.registry.find(record.domain.uuid) == nullptr)
        throw Error{Errc::not_found, fmt::format("{} is gone", record.domain.id)};
    toolstack.states.save_next(read.spec);
    log::info("{} \"{}\" uuid={} has a config for its next life", record.domain.id,
              printable(record.name), to_string(record.domain.uuid));
    rpc::SetConfigResult result;
    result.domain = identity_of(record);
    result.warnings = std::move(read.warnings);
    co_return result;
}

} // namespace verbs

} // namespace pvh::daemon
