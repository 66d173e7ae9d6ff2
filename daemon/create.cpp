// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.create and domain.plan
#include "daemon/birth.h"
#include "daemon/build_job.h"
#include "daemon/description.h"
#include "daemon/pool.h"
#include "daemon/select.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/log.h"
#include "libdomain/rehearsal.h"
#include "libdomain/spec/validate.h"

#include <utility>

namespace pvh::daemon::verbs {

namespace {

void make_valid(DomainSpec& spec) {
    if (!spec.uuid) spec.uuid = random_uuid();
    require_valid(spec);
}

/// The domain that an earlier try of the same request has made, though its pvhd could not say so.
/// One that could neither be finished nor undone is none.
const Record* made_earlier(const Call& call, const Uuid& uuid) {
    if (!call.once || !call.once->earlier() || call.once->earlier()->uuid != uuid) return nullptr;
    const Record* record = call.toolstack.registry.find(uuid);
    const bool is_whole = record != nullptr && record->is_managed() &&
                          (record->is_shutdown || !record->is_end_handled);
    return is_whole ? record : nullptr;
}

rpc::CreateResult result_of(const Record& record, config::ReadResult read) {
    rpc::CreateResult result;
    result.domain = identity_of(record);
    result.warnings = std::move(read.warnings);
    return result;
}

std::vector<rpc::TimelineStage> timeline_of(const Timeline& timeline) {
    std::vector<rpc::TimelineStage> stages;
    for (const auto& stage : timeline.stages())
        stages.push_back({.stage = std::string{stage.name}, .elapsed_us = stage.took.count()});
    return stages;
}

std::string word_of(MemoryType type) {
    switch (type) {
    case MemoryType::ram:
        return "ram";
    case MemoryType::reserved:
        return "reserved";
    case MemoryType::acpi:
        return "acpi";
    case MemoryType::nvs:
        return "nvs";
    }
    return "reserved";
}

rpc::PlanResult result_of(const boot::BuildPlan& plan) {
    rpc::PlanResult result;
    result.spec = plan.spec;
    result.kernel_format = plan.kernel->format;
    result.entry = plan.kernel->entry.value();
    result.start_info = plan.boot_vcpu.rbx; // where the ABI has it
    for (const auto& range : plan.memory_map)
        result.memory_map.push_back({range.address.value(), range.size, word_of(range.type)});
    for (const auto& load : plan.loads)
        result.loads.push_back({load.what, load.address.value(), load.size});
    result.needed_kib = plan.pages_needed.value() * (kPageSize / 1024);
    return result;
}

void add_rehearsal(rpc::PlanResult& result, Rehearsal rehearsal) {
    result.steps = std::move(rehearsal.steps);
    for (RehearsedNode& node : rehearsal.nodes)
        result.nodes.push_back(
            {std::move(node.path), std::move(node.value), std::move(node.permissions)});
}

} // namespace

Task<rpc::CreateResult> create(Call call, rpc::CreateParams params) {
    Toolstack& toolstack = call.toolstack;
    Timeline timeline;
    timeline.tell(call.progress);
    config::ReadResult read = read_description(params);
    if (call.once && call.once->earlier() && !read.spec.uuid)
        read.spec.uuid = call.once->earlier()->uuid;
    const bool is_any_uuid = !read.spec.uuid;
    make_valid(read.spec);
    if (const Record* made = made_earlier(call, read.spec.uuid.value()))
        co_return result_of(*made, std::move(read));
    timeline.mark("config");
    co_await forget_who_is_gone(toolstack, read.spec.name, read.spec.uuid.value());
    const auto taken = toolstack.pool->take(read.spec);
    if (taken && is_any_uuid) read.spec.uuid = taken->uuid();
    const Uuid uuid = read.spec.uuid.value();
    const std::string name = read.spec.name;
    *call.subject = fmt::format("name=\"{}\"", printable(name));
    const OperationToken token =
        toolstack.registry.reserve(uuid, name, Op::create, call.peer->describe());
    if (call.once) call.once->begin({uuid, name, kNoDomain.value()});

    Birth birth{.order = make_order(toolstack, std::move(read.spec)),
                .quick_ends = 0,
                .prepared = taken ? std::optional{taken->use(uuid)} : std::nullopt};
    birth.order.stays_paused = params.paused;
    birth.order.timeline = timeline;
    const BuildOutcome outcome = co_await give_birth(toolstack, std::move(birth));
    toolstack.counters.count_create(outcome.timeline);
    log::info("{} \"{}\" uuid={} created{}", outcome.domain.id, printable(name), to_string(uuid),
              params.paused ? ", paused" : "");

    rpc::CreateResult result;
    result.domain = {uuid, name, outcome.domain.id.value()};
    result.warnings = std::move(read.warnings);
    if (params.trace) result.timeline = timeline_of(outcome.timeline);
    co_return result;
}

Task<rpc::PlanResult> plan(Call call, rpc::CreateParams params) {
    config::ReadResult read = read_description(params);
    make_valid(read.spec);
    const BuildOrder order = make_order(call.toolstack, std::move(read.spec));
    std::function<rpc::PlanResult(WorkerContext&)> job = [order](WorkerContext& context) {
        Timeline timeline;
        boot::BuildPlan plan = make_plan(order, timeline);
        rpc::PlanResult result = result_of(plan);
        add_rehearsal(result, rehearse_build(std::move(plan), context.store));
        return result;
    };
    rpc::PlanResult result = co_await call.toolstack.builders.run(std::move(job));
    result.warnings = std::move(read.warnings);
    co_return result;
}

} // namespace pvh::daemon::verbs
