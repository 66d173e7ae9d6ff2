// SPDX-License-Identifier: LGPL-2.1-or-later
// vcpu-list, to the byte as xl prints it, vcpu-set and vcpu-pin.   [tools/xl/xl_vcpu.c]
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/output_form.h"
#include "cli/selector.h"
#include "cli/table.h"
#include "rpc/messages_json.h"

#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <span>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct VcpuRow {
    const rpc::Identity& domain;
    const rpc::VcpuStatus& vcpu;
};

std::string name_cell(const VcpuRow& row) {
    return pad_right(shown_name(row.domain), 32);
}

std::string cpu_cell(const VcpuRow& row) {
    return row.vcpu.online ? fmt::format("{:5}", row.vcpu.cpu) : "    -";
}

std::string state_cell(const VcpuRow& row) {
    if (!row.vcpu.online) return "   --p ";
    return fmt::format("   {}{}- ", row.vcpu.running ? 'r' : '-', row.vcpu.blocked ? 'b' : '-');
}

std::string time_cell(const VcpuRow& row) {
    // Through float, as xl: the last digit shall be its.
    return fmt::format("{:9.1f}",
                       static_cast<double>(static_cast<float>(row.vcpu.cpu_time_ns)) / 1e9);
}

std::string affinity_cell(const VcpuRow& row) {
    return fmt::format("  {} / {}", row.vcpu.hard_affinity, row.vcpu.soft_affinity);
}

constexpr std::array<Column<VcpuRow>, 7> kVcpuColumns{{
    {"Name                            ", name_cell},
    {"    ID", [](const VcpuRow& row) { return fmt::format(" {:5}", row.domain.domid); }},
    {"  VCPU", [](const VcpuRow& row) { return fmt::format(" {:5}", row.vcpu.vcpu); }},
    {"   CPU", cpu_cell},
    {" State", state_cell},
    {"   Time(s)", time_cell},
    {" Affinity (Hard / Soft)", affinity_cell},
}};

/// By name: as vcpu-pin takes them.
std::string line_of(const VcpuRow& row, OutputForm form) {
    if (form == OutputForm::name)
        return fmt::format("{} {}", shown_name(row.domain), row.vcpu.vcpu);
    const std::string line = row_line<VcpuRow>(kVcpuColumns, row);
    return form == OutputForm::wide ? to_string(row.domain.uuid) + "  " + line : line;
}

std::string titles_of(OutputForm form) {
    const std::string titles = header_line<VcpuRow>(kVcpuColumns);
    return form == OutputForm::wide ? pad_right("UUID", 38) + titles : titles;
}

struct VcpuListOptions {
    std::vector<std::string> domains;
    OutputForm form = OutputForm::table;
};

void run_vcpu_list(const VcpuListOptions& options, Context& context) {
    const nlohmann::json answer = fetch_domains("domain.vcpus", options.domains, context);
    if (context.json) return print_json(context, answer);
    const auto result = read_as<rpc::VcpusResult>("domain.vcpus", answer);
    if (result.domains.empty()) return; // only what was not found was asked for
    if (options.form != OutputForm::name) print_header(context, titles_of(options.form));
    for (const rpc::DomainVcpus& domain : result.domains)
        for (const rpc::VcpuStatus& vcpu : domain.vcpus)
            print_line(context, line_of({domain.domain, vcpu}, options.form));
}

struct PinOptions {
    std::string domain, vcpu, hard, soft = "-";
};

/// xl's word for "as it is".
std::optional<std::string> unless_dash(const std::string& cpus) {
    return cpus == "-" ? std::nullopt : std::optional{cpus};
}

std::optional<unsigned> read_vcpu(const std::string& word) {
    if (word == "all") return std::nullopt;
    unsigned vcpu = 0;
    const char* const end = word.data() + word.size();
    const auto [rest, failure] = std::from_chars(word.data(), end, vcpu);
    if (failure != std::errc{} || rest != end)
        throw Error{Errc::invalid_config, fmt::format("\"{}\" is no vCPU", word)}.with_hint(
            "give its number, or all");
    return vcpu;
}

void run_pin(const PinOptions& options, Context& context) {
    const rpc::PinVcpuParams params{.domain = parse_selector(options.domain),
                                    .vcpu = read_vcpu(options.vcpu),
                                    .hard = unless_dash(options.hard),
                                    .soft = unless_dash(options.soft)};
    if (!params.hard && !params.soft) return; // as xl: nothing is to be changed
    call_and_report(context, "domain.pin_vcpu", params);
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
    auto options = std::make_shared<VcpuListOptions>();
    ::CLI::App* sub = app.add_subcommand("vcpu-list", "List vCPUs, as xl vcpu-list does");
    sub->add_option("DOM", options->domains, std::string{kDomainHelp} + "; all if none is given");
    add_output_option(*sub, options->form, context);
    add_examples(*sub, kResources, {"pvhctl vcpu-list web", "pvhctl vcpu-list -o name"});
    sub->callback([options, &context] { run_vcpu_list(*options, context); });
}

void setup_vcpu_set(::CLI::App& app, Context& context) {
    auto options = std::make_shared<SetOptions>();
    ::CLI::App* sub = app.add_subcommand("vcpu-set", "Ask a guest to use so many of its vCPUs");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("N", options->vcpus, "How many, of maxvcpus that there are")->required();
    sub->add_flag("-i,--ignore-host", options->ignores_host, "Also more than the host has CPUs");
    sub->footer("The guest must bring up what it is given: Linux does so by a rule of udev's.");
    add_examples(*sub, kResources, {"pvhctl vcpu-set web 2"});
    sub->callback([options, &context] { run_set(*options, context); });
}

void setup_vcpu_pin(::CLI::App& app, Context& context) {
    auto options = std::make_shared<PinOptions>();
    ::CLI::App* sub = app.add_subcommand("vcpu-pin", "Say on which CPUs vCPUs may run");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("VCPU", options->vcpu, "Its number, or all")->required();
    sub->add_option("HARD", options->hard, "CPUs where it may run, as in cpus=; -: as they are")
        ->required();
    sub->add_option("SOFT", options->soft, "CPUs where it would rather run; -: as they are");
    add_examples(*sub, kResources,
                 {"pvhctl vcpu-pin web 0 2-3", "pvhctl vcpu-pin web all - node:0"});
    sub->callback([options, &context] { run_pin(*options, context); });
}

} // namespace pvh::cli
