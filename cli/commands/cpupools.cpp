// SPDX-License-Identifier: LGPL-2.1-or-later
// cpupool-*.   [tools/xl/xl_cpupool.c]
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/cpu_pools.h"
#include "cli/domains.h"
#include "cli/output_form.h"
#include "cli/selector.h"
#include "cli/table.h"
#include "config/pool_config.h"
#include "config/read_device.h"
#include "libdomain/spec/cpu_spec.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

using Pools = std::vector<rpc::CpuPoolStatus>;

std::string join(const std::vector<unsigned>& cpus) {
    return fmt::format("{}", fmt::join(cpus, ","));
}

// ---- list

struct PoolListOptions {
    std::string pool;
    bool has_cpus = false;
    OutputForm form = OutputForm::table;
};

std::string titles_of(const PoolListOptions& options) {
    const std::string name = pad_right("Name", 19);
    if (options.has_cpus) return name + "CPU list";
    const std::string titles = name + "CPUs   Sched     Active   Domain count";
    return options.form == OutputForm::wide ? titles + " CPU list" : titles;
}

std::string row_of(const rpc::CpuPoolStatus& pool, const PoolListOptions& options) {
    if (options.form == OutputForm::name) return pool.name;
    const std::string name = pad_right(pool.name, 19);
    if (options.has_cpus) return name + join(pool.cpus);
    const std::string row = fmt::format("{}{:3} {:>9}       y       {:4}", name, pool.cpus.size(),
                                        pool.scheduler, pool.domains);
    return options.form == OutputForm::wide ? pad_right(row, 58) + join(pool.cpus) : row;
}

void run_pool_list(const PoolListOptions& options, Context& context) {
    if (context.json)
        return print_json(context, context.daemon.call("cpupool.list", nlohmann::json::object()));
    Pools pools = fetch_pools(context);
    std::erase_if(pools, [&](const auto& pool) {
        return !options.pool.empty() && pool.name != options.pool;
    });
    if (pools.empty())
        throw Error{Errc::not_found, fmt::format("Pool '{}' does not exist", options.pool)};
    if (options.form != OutputForm::name) print_header(context, titles_of(options));
    for (const auto& pool : pools)
        print_line(context, row_of(pool, options));
}

// ---- create

struct PoolCreateOptions {
    std::vector<std::string> arguments;
    std::string file;
    bool dry_run = false;
};

/// KEY=VALUE overrides the file; the first other argument is the file.
void sort_arguments(PoolCreateOptions& options, std::vector<std::string>& overrides) {
    for (const std::string& argument : options.arguments) {
        if (argument.find('=') != std::string::npos)
            overrides.push_back(argument);
        else if (options.file.empty())
            options.file = argument;
        else
            throw Error{Errc::invalid_config,
                        fmt::format("\"{}\" is neither the config nor KEY=VALUE", argument)};
    }
}

std::set<unsigned> free_cpus(const rpc::TopologyResult& host, const Pools& pools) {
    std::set<unsigned> free;
    for (const rpc::CpuTopology& cpu : host.cpus)
        free.insert(cpu.cpu);
    for (const rpc::CpuPoolStatus& pool : pools)
        for (const unsigned cpu : pool.cpus)
            free.erase(cpu);
    return free;
}

CpuNodes nodes_of(const rpc::TopologyResult& host) {
    CpuNodes nodes;
    for (const rpc::CpuTopology& cpu : host.cpus) {
        nodes.resize(std::max<std::size_t>(nodes.size(), cpu.cpu + 1));
        nodes[cpu.cpu] = cpu.node;
    }
    return nodes;
}

/// Of nodes, those CPUs that are free; those that are named must be, which the daemon sees to.
std::vector<unsigned> choose_cpus(const config::PoolConfig& config, Context& context) {
    if (config.nodes.empty() && !config.cpus) return {};
    const auto host = fetch_topology(context);
    std::vector<unsigned> chosen;
    if (config.nodes.empty()) {
        const CpuMask mask =
            resolve_cpus(config::read_cpu_list(*config.cpus), "cpus", nodes_of(host));
        for (unsigned cpu = 0; cpu < mask.size(); ++cpu)
            if (mask[cpu]) chosen.push_back(cpu);
        return chosen;
    }
    const auto free = free_cpus(host, fetch_pools(context));
    for (const rpc::CpuTopology& cpu : host.cpus)
        if (free.contains(cpu.cpu) &&
            std::find(config.nodes.begin(), config.nodes.end(), cpu.node) != config.nodes.end())
            chosen.push_back(cpu.cpu);
    if (chosen.empty())
        throw Error{Errc::bad_state,
                    fmt::format("no CPU of node {} is free", fmt::join(config.nodes, ", "))}
            .with_hint("pvhctl cpupool-list -c shows which pool has which; "
                       "pvhctl cpupool-cpu-remove makes one free");
    return chosen;
}

config::PoolConfig read_config(PoolCreateOptions& options) {
    std::vector<std::string> overrides;
    sort_arguments(options, overrides);
    const std::string text = options.file.empty() ? "" : read_config_text(options.file);
    config::PoolConfig config = config::read_pool_config(
        {.name = options.file.empty() ? "<command line>" : config_display_name(options.file),
         .text = text},
        overrides);
    if (!config.name && !options.file.empty())
        config.name = std::filesystem::path{options.file}.filename().string();
    if (!config.name)
        throw Error{Errc::invalid_config, "the CPU pool has no name"}.with_hint(
            "add name=NAME, or give a file whose name it can have");
    return config;
}

std::string scheduler_of_host(Context& context) {
    return read_as<rpc::SystemInfo>("system.info",
                                    context.daemon.call("system.info", nlohmann::json::object()))
        .xen_scheduler;
}

void run_pool_create(PoolCreateOptions options, Context& context) {
    const config::PoolConfig config = read_config(options);
    for (const std::string& warning : config.warnings)
        print_note(context, warning);
    const std::vector<unsigned> cpus = choose_cpus(config, context);
    rpc::CreateCpuPoolParams params{
        .name = *config.name, .scheduler = config.scheduler.value_or(""), .cpus = {}};
    if (params.scheduler.empty()) params.scheduler = scheduler_of_host(context);
    if (!cpus.empty()) params.cpus = join(cpus);
    const nlohmann::json answer =
        options.dry_run ? nlohmann::json(params) : context.daemon.call("cpupool.create", params);
    if (context.json) return print_json(context, answer);
    print_line(context, fmt::format("Using config file \"{}\"",
                                    options.file.empty() ? "command line" : options.file));
    print_line(context, fmt::format("cpupool name:   {}", params.name));
    print_line(context, fmt::format("scheduler:      {}", params.scheduler));
    print_line(context, fmt::format("number of cpus: {}", cpus.size()));
}

// ---- numa-split

std::vector<unsigned> cpus_of(const rpc::TopologyResult& host, unsigned node) {
    std::vector<unsigned> cpus;
    for (const rpc::CpuTopology& cpu : host.cpus)
        if (cpu.node == node) cpus.push_back(cpu.cpu);
    return cpus;
}

std::vector<unsigned> without(std::vector<unsigned> cpus, const std::vector<unsigned>& others) {
    std::erase_if(cpus, [&](unsigned cpu) {
        return std::find(others.begin(), others.end(), cpu) != others.end();
    });
    return cpus;
}

/// dom0 stays on the first node: it had better not have more vCPUs than that has CPUs.
void shrink_dom0(std::size_t cpus, Context& context) {
    constexpr unsigned kSeconds = 10; // as xl
    const auto online = [&] {
        return read_as<rpc::GetResult>(
                   "domain.get", context.daemon.call("domain.get", nlohmann::json{{"domid", 0}}))
            .status.vcpus_online;
    };
    if (online() <= cpus) return;
    context.daemon.call("domain.set_vcpus", nlohmann::json{{"domid", 0}, {"vcpus", cpus}});
    for (unsigned i = 0; i < kSeconds; ++i) {
        if (online() <= cpus) return;
        std::this_thread::sleep_for(std::chrono::seconds{1});
    }
    throw Error{Errc::timeout,
                fmt::format("dom0 has {} vCPUs still, {} were asked for", online(), cpus)};
}

void run_numa_split(Context& context) {
    const Pools pools = fetch_pools(context);
    if (pools.size() > 1)
        throw Error{Errc::bad_state, "splitting not possible, already cpupools in use"}.with_hint(
            "pvhctl cpupool-list shows them");
    const rpc::TopologyResult host = fetch_topology(context);
    const rpc::CpuPoolStatus& first = pools.at(0);
    const unsigned home = host.cpus.at(0).node;
    std::set<unsigned> others;
    for (const rpc::CpuTopology& cpu : host.cpus)
        if (cpu.node != home) others.insert(cpu.node);
    const std::vector<unsigned> staying = cpus_of(host, home);
    shrink_dom0(staying.size(), context);
    if (const auto unused = without(staying, first.cpus); !unused.empty())
        context.daemon.call("cpupool.update",
                            nlohmann::json{{"pool", "0"}, {"add_cpus", join(unused)}});
    context.daemon.call(
        "cpupool.update",
        nlohmann::json{{"pool", "0"}, {"new_name", fmt::format("Pool-node{}", home)}});
    for (const unsigned node : others) {
        const std::vector<unsigned> all = cpus_of(host, node);
        const std::vector<unsigned> moving = without(all, without(all, first.cpus));
        if (!moving.empty()) // some may be in no pool already
            context.daemon.call("cpupool.update",
                                nlohmann::json{{"pool", "0"}, {"remove_cpus", join(moving)}});
        context.daemon.call("cpupool.create",
                            rpc::CreateCpuPoolParams{.name = fmt::format("Pool-node{}", node),
                                                     .scheduler = first.scheduler,
                                                     .cpus = join(all)});
    }
}

// ---- the others

struct PoolOptions {
    std::string pool, argument;
};

struct PoolCommand {
    std::string name, description;
    const char* argument;
    std::string_view example;
};

void setup_two(::CLI::App& app, const PoolCommand& command,
               const std::function<void(const PoolOptions&)>& run) {
    auto options = std::make_shared<PoolOptions>();
    ::CLI::App* sub = app.add_subcommand(command.name, command.description);
    sub->add_option("POOL", options->pool, "Its name or number")->required();
    sub->add_option(command.argument, options->argument, "")->required();
    add_examples(*sub, kResources, {command.example});
    sub->callback([options, run] { run(*options); });
}

} // namespace

void setup_cpupool_list(::CLI::App& app, Context& context) {
    auto options = std::make_shared<PoolListOptions>();
    ::CLI::App* sub = app.add_subcommand("cpupool-list", "List CPU pools");
    sub->add_option("POOL", options->pool, "Its name; all if none is given");
    sub->add_flag("-c,--cpus", options->has_cpus, "List their CPUs instead");
    add_output_option(*sub, options->form, context);
    add_examples(*sub, kResources, {"pvhctl cpupool-list --cpus"});
    sub->callback([options, &context] { run_pool_list(*options, context); });
}

void setup_cpupool_create(::CLI::App& app, Context& context) {
    auto options = std::make_shared<PoolCreateOptions>();
    ::CLI::App* sub = app.add_subcommand("cpupool-create", "Make a CPU pool");
    sub->add_option("CONFIG", options->arguments,
                    "A config with name, sched, and cpus or nodes; KEY=VALUE overrides it");
    sub->add_option("-f,--defconfig", options->file, "The config")->type_name("FILE");
    sub->add_flag("-n,--dryrun", options->dry_run, "Only tell what would be made");
    add_examples(*sub, kResources,
                 {"pvhctl cpupool-create pool.cfg", "pvhctl cpupool-create name=blue cpus=2-3"});
    sub->callback([options, &context] { run_pool_create(*options, context); });
}

void setup_cpupool_destroy(::CLI::App& app, Context& context) {
    auto pool = std::make_shared<std::string>();
    ::CLI::App* sub = app.add_subcommand("cpupool-destroy", "End a CPU pool; its CPUs are free");
    sub->add_option("POOL", *pool, "Its name or number")->required();
    add_examples(*sub, kResources, {"pvhctl cpupool-destroy blue"});
    sub->callback([pool, &context] {
        call_and_report(context, "cpupool.destroy", rpc::CpuPoolParams{*pool});
    });
}

void setup_cpupool_rename(::CLI::App& app, Context& context) {
    setup_two(app,
              {"cpupool-rename", "Give a CPU pool another name", "NEW-NAME",
               "pvhctl cpupool-rename blue red"},
              [&context](const PoolOptions& options) {
                  rpc::UpdateCpuPoolParams params;
                  params.pool = options.pool;
                  params.new_name = options.argument;
                  call_and_report(context, "cpupool.update", params);
              });
}

void setup_cpupool_cpu_add(::CLI::App& app, Context& context) {
    setup_two(app,
              {"cpupool-cpu-add", "Add CPUs that are free to a CPU pool", "CPUS",
               "pvhctl cpupool-cpu-add blue 2-3"},
              [&context](const PoolOptions& options) {
                  rpc::UpdateCpuPoolParams params;
                  params.pool = options.pool;
                  params.add_cpus = options.argument;
                  call_and_report(context, "cpupool.update", params);
              });
}

void setup_cpupool_cpu_remove(::CLI::App& app, Context& context) {
    setup_two(app,
              {"cpupool-cpu-remove", "Take CPUs out of a CPU pool", "CPUS",
               "pvhctl cpupool-cpu-remove Pool-0 2-3"},
              [&context](const PoolOptions& options) {
                  rpc::UpdateCpuPoolParams params;
                  params.pool = options.pool;
                  params.remove_cpus = options.argument;
                  call_and_report(context, "cpupool.update", params);
              });
}

void setup_cpupool_migrate(::CLI::App& app, Context& context) {
    auto options = std::make_shared<PoolOptions>();
    ::CLI::App* sub = app.add_subcommand("cpupool-migrate", "Move a domain to a CPU pool");
    auto domain = std::make_shared<std::string>();
    sub->add_option("DOM", *domain, std::string{kDomainHelp})->required();
    sub->add_option("POOL", options->pool, "The pool's name or number")->required();
    add_examples(*sub, kResources, {"pvhctl cpupool-migrate web blue"});
    sub->callback([options, domain, &context] {
        call_and_report(context, "domain.set_cpupool",
                        rpc::SetCpuPoolParams{parse_selector(*domain), options->pool});
    });
}

void setup_cpupool_numa_split(::CLI::App& app, Context& context) {
    ::CLI::App* sub =
        app.add_subcommand("cpupool-numa-split", "Make a CPU pool of each NUMA node's CPUs");
    add_examples(*sub, kResources, {"pvhctl cpupool-numa-split"});
    sub->callback([&context] { run_numa_split(context); });
}

} // namespace pvh::cli
