// SPDX-License-Identifier: LGPL-2.1-or-later
// sched-credit, sched-credit2 and sched-rtds.   [tools/xl/xl_sched.c]
#include "cli/commands.h"
#include "cli/cpu_pools.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "cli/table.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

using Pools = std::vector<rpc::CpuPoolStatus>;

struct SchedOptions {
    std::string domain, pool;
    std::optional<unsigned> weight, cap;
    bool is_of_scheduler = false;
    std::optional<unsigned> tslice_ms, ratelimit_us, migration_delay_us; // of that
};

Error unknown_pool(const std::string& pool) {
    return {Errc::not_found, fmt::format("unknown cpupool '{}'", pool)};
}

/// Those of one scheduler, or the one that was asked for if it is of it.
Pools choose(Pools pools, const SchedOptions& options, std::string_view scheduler) {
    const auto is_asked_for = [&](const auto& pool) { return is_called(pool, options.pool); };
    if (!options.pool.empty() && std::none_of(pools.begin(), pools.end(), is_asked_for))
        throw unknown_pool(options.pool);
    std::erase_if(pools, [&](const auto& pool) {
        return pool.scheduler != scheduler || (!options.pool.empty() && !is_asked_for(pool));
    });
    return pools;
}

void print_pool(const rpc::CpuPoolStatus& pool, Context& context) {
    const unsigned limit = pool.ratelimit_us.value_or(0);
    if (pool.tslice_ms)
        return print_line(context,
                          fmt::format("Cpupool {}: tslice={}ms ratelimit={}us migration-delay={}us",
                                      pool.name, *pool.tslice_ms, limit,
                                      pool.migration_delay_us.value_or(0)));
    print_line(context, fmt::format("Cpupool {}: ratelimit={}us", pool.name, limit));
}

void print_titles(Context& context) {
    print_header(context, pad_right("Name", 33) + "   ID Weight  Cap");
}

void print_domain(const rpc::DomainScheduling& domain, Context& context) {
    print_line(context,
               fmt::format("{} {:4} {:6} {:4}", pad_right(shown_name(domain.domain), 33),
                           domain.domain.domid, domain.weight.value_or(0), domain.cap.value_or(0)));
}

void require_scheduler(const rpc::DomainScheduling& domain, std::string_view scheduler) {
    if (domain.scheduler == scheduler) return;
    throw Error{Errc::bad_state, fmt::format("\"{}\" is in a CPU pool that runs {}, not {}",
                                             domain.domain.name, domain.scheduler, scheduler)};
}

void print_all(const SchedOptions& options, std::string_view scheduler, Context& context) {
    const auto answer = context.daemon.call("domain.scheduling", nlohmann::json::object());
    if (context.json) return print_json(context, answer);
    const auto all = read_as<rpc::SchedulingResult>("domain.scheduling", answer).domains;
    for (const auto& pool : choose(fetch_pools(context), options, scheduler)) {
        print_pool(pool, context);
        print_titles(context);
        for (const auto& domain : all)
            if (domain.cpupool == pool.id) print_domain(domain, context);
    }
}

void print_one(const SchedOptions& options, std::string_view scheduler, Context& context) {
    const auto answer = context.daemon.call("domain.scheduling", parse_selector(options.domain));
    if (context.json) return print_json(context, answer);
    const auto domains = read_as<rpc::SchedulingResult>("domain.scheduling", answer).domains;
    for (const auto& domain : domains)
        require_scheduler(domain, scheduler);
    print_titles(context);
    for (const auto& domain : domains)
        print_domain(domain, context);
}

bool tunes(const SchedOptions& options) {
    return options.tslice_ms || options.ratelimit_us || options.migration_delay_us;
}

/// Tells a scheduler's parameters, or sets them, of pool 0 unless another is named.
void run_schedparam(SchedOptions options, std::string_view scheduler, Context& context) {
    if (options.pool.empty()) options.pool = "0";
    const Pools pools = choose(fetch_pools(context), options, scheduler);
    if (pools.empty())
        throw Error{Errc::bad_state,
                    fmt::format("CPU pool '{}' does not run {}", options.pool, scheduler)}
            .with_hint("pvhctl cpupool-list shows what it runs");
    if (!tunes(options)) {
        if (context.json) return print_json(context, pools.front());
        return print_pool(pools.front(), context);
    }
    call_and_report(context, "cpupool.update",
                    rpc::UpdateCpuPoolParams{.pool = options.pool,
                                             .new_name = {},
                                             .add_cpus = {},
                                             .remove_cpus = {},
                                             .tslice_ms = options.tslice_ms,
                                             .ratelimit_us = options.ratelimit_us,
                                             .migration_delay_us = options.migration_delay_us});
}

void refuse_if(bool is_wrong, const char* words_of_xl) {
    if (is_wrong) throw Error{Errc::invalid_config, words_of_xl};
}

/// As xl has them: credit2 takes -s before everything else, and -r without it for nothing.
/// [xl_sched.c main_sched_credit, main_sched_credit2]
void require_consistent(const SchedOptions& options, std::string_view scheduler) {
    const bool sets = options.weight || options.cap;
    const bool is_of_domain = sets || !options.domain.empty();
    const bool has_pool = !options.pool.empty();
    if (scheduler == "credit2")
        refuse_if(has_pool && is_of_domain,
                  "Specifying a cpupool is not allowed with other options.");
    else
        refuse_if((has_pool || options.is_of_scheduler) && is_of_domain,
                  "Specifying a cpupool or schedparam is not allowed with domain options.");
    refuse_if(sets && options.domain.empty(), "Must specify a domain.");
    refuse_if(scheduler != "credit2" && tunes(options) && !options.is_of_scheduler,
              "Must specify schedparam to set schedule parameter values.");
}

void run_sched(const SchedOptions& options, std::string_view scheduler, Context& context) {
    require_consistent(options, scheduler);
    if (options.is_of_scheduler) return run_schedparam(options, scheduler, context);
    if (options.domain.empty()) return print_all(options, scheduler, context);
    if (!options.weight && !options.cap) return print_one(options, scheduler, context);
    const rpc::SetSchedulingParams params{
        .domain = parse_selector(options.domain), .weight = options.weight, .cap = options.cap};
    call_and_report(context, "domain.set_scheduling", params);
}

struct Sched {
    ::CLI::App* command;
    std::shared_ptr<SchedOptions> options;
};

Sched setup_sched(::CLI::App& app, Context& context, const std::string& scheduler) {
    auto options = std::make_shared<SchedOptions>();
    ::CLI::App* sub = app.add_subcommand("sched-" + scheduler,
                                         "Tell or set shares of the CPUs under " + scheduler);
    sub->add_option("-d,--domain", options->domain, std::string{kDomainHelp})->type_name("DOM");
    sub->add_option("-w,--weight", options->weight, "Its share, relative to others: 1 to 65535")
        ->type_name("N");
    sub->add_option("-c,--cap", options->cap, "Percent of one CPU at most; 0: no limit")
        ->type_name("N");
    sub->add_option("-p,--cpupool", options->pool, "Only domains of this CPU pool")
        ->type_name("POOL");
    sub->add_flag("-s,--schedparam", options->is_of_scheduler,
                  "The scheduler's own parameters: tell them, or set those given");
    sub->add_option("-r,--ratelimit_us", options->ratelimit_us,
                    "With -s: least time on a CPU, 100 to 500000 us; 0: none")
        ->type_name("US");
    add_examples(*sub, kResources,
                 {fmt::format("pvhctl sched-{} -d web -w 512", scheduler),
                  fmt::format("pvhctl sched-{} -s -r 500", scheduler)});
    sub->callback([options, scheduler, &context] { run_sched(*options, scheduler, context); });
    return {sub, options};
}

// ---- rtds

/// As words: pvhd does nothing with them.
struct RtdsOptions {
    std::vector<std::string> vcpus, periods, budgets, extratimes;
};

/// As xl has them.   [xl_sched.c main_sched_rtds]
void require_consistent(const SchedOptions& options, const RtdsOptions& rtds) {
    const bool sets = !rtds.periods.empty() || !rtds.budgets.empty() || !rtds.extratimes.empty();
    const auto all = std::count(rtds.vcpus.begin(), rtds.vcpus.end(), "all");
    const bool has_numbers = static_cast<std::size_t>(all) < rtds.vcpus.size();
    const bool has_domain = !options.domain.empty();
    refuse_if(!options.pool.empty() && (has_domain || sets || !rtds.vcpus.empty()),
              "Specifying a cpupool is not allowed with other options.");
    refuse_if(!has_domain && (sets || has_numbers), "Missing parameters.");
    refuse_if(sets && rtds.vcpus.empty(), "Must specify VCPU.");
    refuse_if(all > 0 && has_numbers, "Incorrect VCPU IDs.");
}

/// It has neither weights nor caps, and no build of Xen has it unless somebody asked for it.
void run_rtds(const SchedOptions& options, const RtdsOptions& rtds, Context& context) {
    require_consistent(options, rtds);
    const Pools pools = choose(fetch_pools(context), options, "rtds");
    if (pools.empty() && options.domain.empty()) return; // as xl: there is nothing to tell
    if (pools.empty())
        throw Error{Errc::bad_state, "no CPU pool runs rtds"}.with_hint(
            "pvhctl cpupool-list shows what they run");
    throw Error{Errc::unsupported, "pvhd does not read or set periods and budgets of rtds"};
}

} // namespace

void setup_sched_credit(::CLI::App& app, Context& context) {
    const auto [sub, options] = setup_sched(app, context, "credit");
    sub->add_option("-t,--tslice_ms", options->tslice_ms, "With -s: time slice, 1 to 1000 ms")
        ->type_name("MS");
    sub->add_option("-m,--migration_delay_us", options->migration_delay_us,
                    "With -s: how long a vCPU counts as warm, up to 100000 us")
        ->type_name("US");
}

void setup_sched_credit2(::CLI::App& app, Context& context) {
    setup_sched(app, context, "credit2");
}

void setup_sched_rtds(::CLI::App& app, Context& context) {
    auto options = std::make_shared<SchedOptions>();
    auto rtds = std::make_shared<RtdsOptions>();
    ::CLI::App* sub = app.add_subcommand("sched-rtds", "Tell about CPU pools under rtds");
    sub->add_option("-d,--domain", options->domain, std::string{kDomainHelp})->type_name("DOM");
    sub->add_option("-c,--cpupool", options->pool, "Only of this CPU pool")->type_name("POOL");
    const auto add = [sub = sub](const char* names, std::vector<std::string>& values,
                                 const char* meaning, const char* type) {
        sub->add_option(names, values, meaning)->allow_extra_args(false)->type_name(type);
    };
    add("-v,--vcpuid", rtds->vcpus, "Of this vCPU, or all", "VCPU");
    add("-p,--period", rtds->periods, "xl's; pvhd sets none", "US");
    add("-b,--budget", rtds->budgets, "xl's; pvhd sets none", "US");
    add("-e,--extratime", rtds->extratimes, "xl's; pvhd sets none", "0|1");
    add_examples(*sub, kResources, {"pvhctl sched-rtds", "pvhctl sched-rtds -v all"});
    sub->callback([options, rtds, &context] { run_rtds(*options, *rtds, context); });
}

} // namespace pvh::cli
