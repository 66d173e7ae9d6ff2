// SPDX-License-Identifier: LGPL-2.1-or-later
// vcpu-list, to the byte as xl prints it, and vcpu-set.   [tools/xl/xl_vcpu.c]
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "cli/table.h"
#include "rpc/messages_json.h"

#include <array>
#include <memory>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct Row {
    const rpc::Identity& domain;
    const rpc::VcpuStatus& vcpu;
};

std::string name_cell(const Row& row) {
    return pad_right(row.domain.name.empty() ? "(null)" : row.domain.name, 32);
}

std::string cpu_cell(const Row& row) {
    return row.vcpu.online ? fmt::format("{:5}", row.vcpu.cpu) : "    -";
}

std::string state_cell(const Row& row) {
    if (!row.vcpu.online) return "   --p ";
    return fmt::format("   {}{}- ", row.vcpu.running ? 'r' : '-', row.vcpu.blocked ? 'b' : '-');
}

std::string time_cell(const Row& row) {
    // Through float, as xl: the last digit shall be its.
    return fmt::format("{:9.1f}",
                       static_cast<double>(static_cast<float>(row.vcpu.cpu_time_ns)) / 1e9);
}

std::string affinity_cell(const Row& row) {
    return fmt::format("  {} / {}", row.vcpu.hard_affinity, row.vcpu.soft_affinity);
}

constexpr std::array<Column<Row>, 7> kColumns{{
    {"Name                            ", name_cell},
    {"    ID", [](const Row& row) { return fmt::format(" {:5}", row.domain.domid); }},
    {"  VCPU", [](const Row& row) { return fmt::format(" {:5}", row.vcpu.vcpu); }},
    {"   CPU", cpu_cell},
    {" State", state_cell},
    {"   Time(s)", time_cell},
    {" Affinity (Hard / Soft)", affinity_cell},
}};

nlohmann::json fetch(const std::vector<std::string>& domains, Context& context) {
    if (domains.empty()) return context.daemon.call("domain.vcpus", nlohmann::json::object());
    nlohmann::json found = nlohmann::json::array();
    for_each_domain(domains, context, [&](const rpc::Selector& selector) {
        const nlohmann::json answer = context.daemon.call("domain.vcpus", selector);
        for (const auto& domain : answer.at("domains"))
            found.push_back(domain);
    });
    return {{"domains", std::move(found)}};
}

void run_list(const std::vector<std::string>& domains, Context& context) {
    const nlohmann::json answer = fetch(domains, context);
    if (context.json) return print_json(context, answer);
    const auto result = read_as<rpc::VcpusResult>("domain.vcpus", answer);
    if (result.domains.empty()) return; // only what was not found was asked for
    print_line(context, header_line<Row>(kColumns));
    for (const rpc::DomainVcpus& domain : result.domains)
        for (const rpc::VcpuStatus& vcpu : domain.vcpus)
            print_line(context, row_line<Row>(kColumns, {domain.domain, vcpu}));
}

struct SetOptions {
    std::string domain;
    unsigned vcpus = 0;
    bool ignores_host = false;
};

/// More vCPUs than CPUs is mostly a slip: xl asks for a flag, too.
void require_cpus(const SetOptions& options, Context& context) {
    const auto info = read_as<rpc::SystemInfo>(
        "system.info", context.daemon.call("system.info", nlohmann::json::object()));
    const auto status =
        read_as<rpc::GetResult>("domain.get",
                                context.daemon.call("domain.get", parse_selector(options.domain)))
            .status;
    const unsigned cpus = info.max_cpu_id + 1;
    if (options.vcpus > status.vcpus_online && options.vcpus > cpus)
        throw Error{
            Errc::invalid_config,
            fmt::format("the host has {} CPUs, and {} vCPUs are wanted", cpus, options.vcpus)}
            .with_hint("use --ignore-host to have them nevertheless");
}

void run_set(const SetOptions& options, Context& context) {
    if (!options.ignores_host) require_cpus(options, context);
    const rpc::SetVcpusParams params{.domain = parse_selector(options.domain),
                                     .vcpus = options.vcpus};
    call_and_report(context, "domain.set_vcpus", params);
}

} // namespace

void setup_vcpu_list(::CLI::App& app, Context& context) {
    auto domains = std::make_shared<std::vector<std::string>>();
    ::CLI::App* sub = app.add_subcommand("vcpu-list", "List vCPUs, as xl vcpu-list does");
    sub->add_option("DOM", *domains, std::string{kDomainHelp} + "; all if none is given");
    sub->callback([domains, &context] { run_list(*domains, context); });
}

void setup_vcpu_set(::CLI::App& app, Context& context) {
    auto options = std::make_shared<SetOptions>();
    ::CLI::App* sub = app.add_subcommand("vcpu-set", "Ask a guest to use so many of its vCPUs");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("N", options->vcpus, "How many, of maxvcpus that there are")->required();
    sub->add_flag("-i,--ignore-host", options->ignores_host, "Also more than the host has CPUs");
    sub->footer("The guest must bring up what it is given: Linux does so by a rule of udev's.");
    sub->callback([options, &context] { run_set(*options, context); });
}

} // namespace pvh::cli
