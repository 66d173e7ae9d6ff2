// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.rename, .set_memory, .pin_vcpu, .trigger and .sysrq: what is changed of a domain that
// exists, ours or not.
#include "libdomain/adjust.h"

#include "config/read_device.h"
#include "daemon/act.h"
#include "daemon/select.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/boot/affinity.h"
#include "libdomain/build/domain_nodes.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/spec/validate.h"
#include "rpc/protocol_error.h"

#include <array>
#include <exception>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon::verbs {

namespace {

// ---- names

void require_free_name(const Registry& registry, const Domain& domain, const std::string& name) {
    for (const Record* other : registry.find(name))
        if (other->domain.uuid != domain.uuid)
            throw Error{Errc::already_exists, fmt::format("{} is called \"{}\" already",
                                                          other->domain.id, printable(name))};
    if (const auto coming = registry.reserved(name); coming && *coming != domain.uuid)
        throw Error{Errc::already_exists,
                    fmt::format("a domain called \"{}\" is being created", printable(name))};
}

QuickJob rename_job(const Domain& domain, const std::string& name) {
    return [domain, name](WorkerContext& context) {
        require_alive(context.hypervisor, domain);
        rename_domain_nodes(context.store, domain, name);
    };
}

/// What it is now, if it is ours; nothing if it is gone or another's.
std::optional<DomainSpec> spec_of(const Toolstack& toolstack, const Domain& domain) {
    const Record* record = toolstack.registry.find(domain.id);
    if (record == nullptr || record->domain != domain) return std::nullopt;
    return record->spec;
}

// ---- memory

struct MemoryChange {
    std::optional<std::uint64_t> target_kib, max_kib;
};

/// Whichever comes first, the target is never above the maximum.
void change_memory(WorkerContext& context, const Domain& domain, const MemoryChange& change) {
    const MemoryLimits before = memory_limits(context.hypervisor, context.store, domain);
    const bool shrinks = change.max_kib && *change.max_kib < before.target_kib;
    const auto set_max = [&] {
        if (change.max_kib)
            set_memory_max(context.hypervisor, context.store, domain, *change.max_kib);
    };
    if (!shrinks) set_max();
    if (change.target_kib)
        set_memory_target(context.hypervisor, context.store, domain, *change.target_kib);
    if (shrinks) set_max();
}

struct MemorySight {
    MemoryLimits limits;
    std::uint64_t memory_kib{};
};

MemorySight change_and_look(WorkerContext& context, const Domain& domain,
                            const MemoryChange& change) {
    change_memory(context, domain, change);
    const auto info = require_alive(context.hypervisor, domain);
    return {.limits = memory_limits(context.hypervisor, context.store, domain),
            .memory_kib = info.pages.value() * (kPageSize / 1024)};
}

void require_sane(const rpc::SetMemoryParams& params) {
    if (!params.target_kib && !params.max_kib)
        throw rpc::InvalidParams{R"(one of "target_kib" and "max_kib" is needed)"};
    if (params.target_kib == 0 || params.max_kib == 0)
        throw Error{Errc::invalid_config, "a domain needs some memory"};
    constexpr std::uint64_t kMostKib = std::uint64_t{1} << 40; // 1 PiB
    if (params.target_kib.value_or(0) > kMostKib || params.max_kib.value_or(0) > kMostKib)
        throw Error{Errc::invalid_config, "no domain can have that much memory"};
}

/// Without memory of its own dom0 takes all the others down with it.
void spare_dom0(const Toolstack& toolstack, const Record& record,
                const std::optional<std::uint64_t>& target_kib) {
    const std::uint64_t least = std::uint64_t{toolstack.dom0_min_mib} * 1024;
    if (record.domain.id != kDom0 || !target_kib || *target_kib >= least) return;
    throw Error{Errc::invalid_config,
                fmt::format("dom0 would be left with {} KiB, less than its {}", *target_kib, least)}
        .with_hint("dom0_min_memory in pvhd.conf says what it keeps");
}

constexpr std::uint64_t mib_of(std::uint64_t kib) {
    return (kib + 1023) / 1024;
}

/// The next life of the domain has what this one was given, as with xl.
void keep_memory(Toolstack& toolstack, const Domain& domain, const MemoryLimits& limits) {
    std::optional<DomainSpec> spec = spec_of(toolstack, domain);
    if (!spec) return;
    spec->memory_mib = mib_of(limits.target_kib);
    spec->max_memory_mib = std::max(mib_of(limits.max_kib), spec->memory_mib);
    keep_spec(toolstack, domain, *std::move(spec));
}

// ---- vCPUs

struct Pinning {
    std::optional<unsigned> vcpu;
    std::optional<CpuList> hard, soft;
};

std::optional<CpuMask> mask_of(const std::optional<CpuList>& list, std::string_view which,
                               const CpuNodes& host) {
    if (!list) return std::nullopt;
    return resolve_cpus(*list, which, host);
}

void pin(xen::Hypervisor& hv, const Domain& domain, const Pinning& pinning) {
    const CpuNodes host = hv.cpu_nodes();
    const auto hard = mask_of(pinning.hard, "hard", host);
    const auto soft = mask_of(pinning.soft, "soft", host);
    pin_vcpus(hv, domain, pinning.vcpu, hard ? &*hard : nullptr, soft ? &*soft : nullptr);
}

std::optional<CpuList> read_cpus(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    return config::read_cpu_list(*text);
}

// ---- signals

constexpr std::array<std::string_view, 5> kTriggers{"nmi", "reset", "init", "power", "sleep"};

xen::Trigger read_trigger(const std::string& word) {
    const auto* const found = std::find(kTriggers.begin(), kTriggers.end(), word);
    if (found == kTriggers.end())
        throw Error{Errc::invalid_config,
                    fmt::format("there is no trigger \"{}\"", printable(word))}
            .with_hint("a PVH domain takes nmi, reset and init");
    const auto trigger = static_cast<xen::Trigger>(found - kTriggers.begin());
    if (trigger == xen::Trigger::power || trigger == xen::Trigger::sleep)
        throw Error{Errc::unsupported, fmt::format("a PVH domain has no {} button", word)}
            .with_hint("pvhctl shutdown asks its kernel to power off");
    return trigger;
}

} // namespace

Task<rpc::Identity> rename(Call call, rpc::RenameParams params) {
    Toolstack& toolstack = call.toolstack;
    const std::string name = params.new_name;
    if (const std::string complaint = complaint_about_name(name); !complaint.empty())
        throw Error{Errc::invalid_config, complaint};
    co_await forget_who_is_gone(toolstack, name, std::nullopt);
    const Record record = co_await find_guest(toolstack, std::move(params.domain));
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::rename, call.peer->describe());
    require_free_name(toolstack.registry, record.domain, name);
    toolstack.registry.rename(record.domain.id, name); // from now on nobody else gets it
    QuickJob job = rename_job(record.domain, name);
    std::exception_ptr failure; // a handler cannot await
    try {
        co_await run_on_domain(toolstack, std::move(job));
    } catch (const Error&) {
        failure = std::current_exception();
    }
    if (failure) {
        toolstack.registry.rename(record.domain.id, record.name);
        std::rethrow_exception(failure);
    }
    if (auto spec = spec_of(toolstack, record.domain))
        keep_spec(toolstack, record.domain, *std::move(spec));
    log::info("{} \"{}\" uuid={} is called \"{}\" now", record.domain.id, printable(record.name),
              to_string(record.domain.uuid), printable(name));
    rpc::Identity identity = identity_of(record);
    identity.name = name;
    co_return identity;
}

Task<rpc::MemoryResult> set_memory(Call call, rpc::SetMemoryParams params) {
    Toolstack& toolstack = call.toolstack;
    require_sane(params);
    const Record record = co_await find_domain(toolstack, std::move(params.domain));
    spare_dom0(toolstack, record, params.target_kib);
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::set_memory, call.peer->describe());
    std::function<MemorySight(WorkerContext&)> job =
        [domain = record.domain, change = MemoryChange{params.target_kib, params.max_kib}](
            WorkerContext& context) { return change_and_look(context, domain, change); };
    const MemorySight sight = co_await run_on_domain(toolstack, std::move(job));
    keep_memory(toolstack, record.domain, sight.limits);
    co_return rpc::MemoryResult{.domain = identity_of(record),
                                .target_kib = sight.limits.target_kib,
                                .max_kib = sight.limits.max_kib,
                                .memory_kib = sight.memory_kib};
}

Task<rpc::Identity> pin_vcpu(Call call, rpc::PinVcpuParams params) {
    Toolstack& toolstack = call.toolstack;
    if (!params.hard && !params.soft)
        throw rpc::InvalidParams{R"(one of "hard" and "soft" is needed)"};
    const Pinning pinning{
        .vcpu = params.vcpu, .hard = read_cpus(params.hard), .soft = read_cpus(params.soft)};
    const Record record = co_await find_domain(toolstack, std::move(params.domain));
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::pin_vcpu, call.peer->describe());
    QuickJob job = [domain = record.domain, pinning](WorkerContext& context) {
        pin(context.hypervisor, domain, pinning);
    };
    co_await run_on_domain(toolstack, std::move(job));
    co_return identity_of(record);
}

Task<rpc::Identity> trigger(Call call, rpc::TriggerParams params) {
    const xen::Trigger trigger = read_trigger(params.trigger);
    std::function<QuickJob(Domain)> make_job = [trigger,
                                                vcpu = params.vcpu](Domain domain) -> QuickJob {
        return [domain, trigger, vcpu](WorkerContext& context) {
            send_trigger(context.hypervisor, domain, trigger, vcpu);
        };
    };
    const Record record =
        co_await act(std::move(call), std::move(params.domain), Op::trigger, std::move(make_job));
    co_return identity_of(record);
}

Task<rpc::Identity> sysrq(Call call, rpc::SysrqParams params) {
    if (params.key.size() != 1 || params.key.front() <= ' ' || params.key.front() > '~')
        throw Error{Errc::invalid_config,
                    fmt::format("\"{}\" is no key of SysRq", printable(params.key))}
            .with_hint("it is one character: h has the guest's kernel list them");
    std::function<QuickJob(Domain)> make_job = [key =
                                                    params.key.front()](Domain domain) -> QuickJob {
        return [domain, key](WorkerContext& context) {
            send_sysrq(context.hypervisor, context.store, domain, key);
        };
    };
    const Record record =
        co_await act(std::move(call), std::move(params.domain), Op::sysrq, std::move(make_job));
    co_return identity_of(record);
}

} // namespace pvh::daemon::verbs
