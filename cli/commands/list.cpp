// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/cpu_pools.h"
#include "cli/domain_table.h"
#include "cli/domains.h"
#include "cli/output_form.h"
#include "cli/selector.h"
#include "cli/table.h"
#include "cli/xl/libxl_json.h"
#include "libdomain/core/ids.h"
#include "rpc/messages_json.h"

#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct ListOptions {
    std::vector<std::string> domains;
    MoreColumns more;
    bool is_long = false;
    OutputForm form = OutputForm::table;
};

PoolNames pool_names(Context& context) {
    PoolNames names;
    for (const rpc::CpuPoolStatus& pool : fetch_pools(context))
        names[pool.id] = pool.name;
    return names;
}

/// By domid. One that has ended meanwhile has none.
NodeAffinities node_affinities(Context& context) {
    const auto answer = read_as<rpc::SchedulingResult>(
        "domain.scheduling", context.daemon.call("domain.scheduling", nlohmann::json::object()));
    NodeAffinities affinities;
    for (const rpc::DomainScheduling& domain : answer.domains)
        affinities[domain.domain.domid] = domain.node_affinity;
    return affinities;
}

/// The words of xl for a domain that is not there: scripts that use `list` to ask whether it is
/// look at the status, people read.
/// [xl_info.c main_list, xl_utils.c find_domain]
Error in_words_of_xl(const std::string& given, const Error& error, const Context& context) {
    if (error.code() != Errc::not_found) return error;
    const bool is_number =
        !given.empty() && given.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number)
        return {Errc::not_found, fmt::format("{} is an invalid domain identifier (rc=-6)", given)};
    const std::string_view prefix = context.prefix.empty() ? "Error: " : ""; // else it has one
    return {Errc::not_found, fmt::format("{}Domain '{}' does not exist.", prefix, given)};
}

/// One that Xen has not: it is between two lives, or is being created.
std::optional<nlohmann::json> find_unborn(const rpc::Selector& selector, Context& context) {
    const auto is_meant = [&](const nlohmann::json& domain) {
        if (domain.at("dying") == true) return false; // its former life
        return selector.name ? domain.at("name") == *selector.name
                             : selector.uuid && domain.at("uuid") == to_string(*selector.uuid);
    };
    const auto all = context.daemon.call("domain.list", nlohmann::json::object());
    for (const nlohmann::json& domain : all.at("domains"))
        if (is_meant(domain)) return domain;
    return std::nullopt;
}

nlohmann::json get_status(const std::string& given, Context& context) {
    rpc::Selector selector;
    try {
        selector = parse_selector(given);
        return context.daemon.call("domain.get", selector).at("status");
    } catch (const DaemonUnreachable&) {
        throw;
    } catch (const Error& e) {
        const auto unborn = e.code() == Errc::busy ? find_unborn(selector, context) : std::nullopt;
        if (unborn) return *unborn;
        throw in_words_of_xl(given, e, context);
    }
}

/// What of each is printed; all if that is most of it.
std::optional<rpc::Fields> wanted_fields(const ListOptions& options, const Context& context) {
    if (context.json || options.is_long) return std::nullopt;
    if (options.form == OutputForm::name) return rpc::Fields{"name", "domid"};
    rpc::Fields fields = fields_of(options.more);
    fields.emplace_back("remark");
    return fields;
}

/// The answer of domain.list, or one of its form about the domains that were asked for.
nlohmann::json fetch(const ListOptions& options, Context& context) {
    if (options.domains.empty())
        return context.daemon.call("domain.list", rpc::ListParams{wanted_fields(options, context)});
    nlohmann::json domains = nlohmann::json::array();
    for (const std::string& given : options.domains)
        try_each(context, [&] { domains.push_back(get_status(given, context)); });
    return {{"domains", std::move(domains)}};
}

void print_names(const rpc::ListResult& list, Context& context) {
    for (const rpc::DomainStatus& domain : list.domains)
        print_line(context, shown_name(domain.domain));
}

void run_list(const ListOptions& options, Context& context) {
    const nlohmann::json answer = fetch(options, context);
    if (context.json) return print_json(context, answer);
    const auto list = read_as<rpc::ListResult>("domain.list", answer);
    if (list.domains.empty()) return; // only what was not found was asked for
    if (options.form == OutputForm::name) return print_names(list, context);
    if (options.is_long) return print_line(context, text_of(libxl_list_of(list.domains, context)));
    LookedUp looked_up;
    if (options.more.cpupool) looked_up.pools = pool_names(context);
    if (options.more.nodes) looked_up.nodes = node_affinities(context);
    print_header(context, domain_header(options.more));
    for (const rpc::DomainStatus& domain : list.domains)
        print_line(context, domain_row(domain, options.more, looked_up));
    // Apart: programs read the table.
    for (const rpc::DomainStatus& domain : list.domains)
        if (!domain.remark.empty())
            print_note(context, fmt::format("{}: {}", domain.domain.name, domain.remark));
}

/// [tools/xl/xl_info.c list_vm]
std::string vm_row(const rpc::DomainStatus& status, OutputForm form) {
    const rpc::Identity& domain = status.domain;
    const std::string row = fmt::format("{}  {}    {}", to_string(domain.uuid), domain.domid,
                                        pad_right(shown_name(domain), 30));
    return form == OutputForm::wide ? fmt::format("{}  {}", row, status.state) : row;
}

void run_vm_list(OutputForm form, Context& context) {
    rpc::ListParams params;
    if (!context.json) params.fields = {"uuid", "domid", "name", "state"};
    const auto answer = context.daemon.call("domain.list", params);
    if (context.json) return print_json(context, answer);
    auto list = read_as<rpc::ListResult>("domain.list", answer);
    std::erase_if(list.domains, [](const rpc::DomainStatus& status) {
        return status.domain.domid == kNoDomain.value(); // between two lives
    });
    if (form == OutputForm::name) return print_names(list, context);
    constexpr std::string_view kTitles = "UUID                                  ID    name";
    print_header(context, form == OutputForm::wide ? fmt::format("{}{:28}State", kTitles, "")
                                                   : std::string{kTitles});
    for (const rpc::DomainStatus& status : list.domains)
        print_line(context, vm_row(status, form));
}

} // namespace

void setup_list(::CLI::App& app, Context& context) {
    auto options = std::make_shared<ListOptions>();
    ::CLI::App* sub = app.add_subcommand("list", "List domains, as xl list does");
    sub->add_option("DOM", options->domains, std::string{kDomainHelp} + "; all if none is given");
    sub->add_flag("-l,--long", options->is_long, "Their configs, as JSON in the shape of xl's");
    sub->add_flag("-v,--verbose", options->more.uuid, "Also UUID, reason of a shutdown, label");
    sub->add_flag("-Z,--context", options->more.label, "Also the security label");
    sub->add_flag("-c,--cpupool", options->more.cpupool, "Also the CPU pool");
    sub->add_flag("-n,--numa", options->more.nodes, "Also the NUMA nodes that suit it");
    add_output_option(*sub, options->form, context);
    add_examples(*sub, kLooking, {"pvhctl list", "pvhctl list --json web", "pvhctl list -o name"});
    sub->callback([options, &context] {
        const bool is_wide = options->form == OutputForm::wide;
        options->more.uuid |= is_wide;
        options->more.cpupool |= is_wide;
        run_list(*options, context);
    });
}

void setup_claims(::CLI::App& app, Context& context) {
    ::CLI::App* sub =
        app.add_subcommand("claims", "List domains with the memory that is claimed for them");
    add_examples(*sub, kResources, {"pvhctl claims"});
    sub->callback([&context] {
        ListOptions options;
        options.more.claims = true;
        run_list(options, context);
    });
}

void setup_vm_list(::CLI::App& app, Context& context) {
    auto form = std::make_shared<OutputForm>(OutputForm::table);
    ::CLI::App* sub = app.add_subcommand("vm-list", "List domains with their UUIDs");
    add_output_option(*sub, *form, context);
    add_examples(*sub, kLooking, {"pvhctl vm-list"});
    sub->callback([form, &context] { run_vm_list(*form, context); });
}

} // namespace pvh::cli
