// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/domain_table.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct ListOptions {
    std::vector<std::string> domains;
};

/// The words of xl for a domain that is not there: scripts that use `list` to ask whether it is
/// look at the status, people read.
Error in_words_of_xl(const rpc::Selector& selector, const Error& error) {
    if (error.code() != Errc::not_found) return error;
    if (selector.domid)
        return {Errc::not_found, fmt::format("Domain '{}' does not exist.", *selector.domid)};
    const std::string given =
        selector.name ? *selector.name : to_string(selector.uuid.value_or(Uuid{}));
    return {Errc::not_found, fmt::format("{} is an invalid domain identifier (rc=-6)", given)};
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

nlohmann::json get_status(const rpc::Selector& selector, Context& context) {
    try {
        return context.daemon.call("domain.get", selector).at("status");
    } catch (const DaemonUnreachable&) {
        throw;
    } catch (const Error& e) {
        const auto unborn = e.code() == Errc::busy ? find_unborn(selector, context) : std::nullopt;
        if (unborn) return *unborn;
        throw in_words_of_xl(selector, e);
    }
}

/// The answer of domain.list, or one of its form about the domains that were asked for.
nlohmann::json fetch(const ListOptions& options, Context& context) {
    if (options.domains.empty())
        return context.daemon.call("domain.list", nlohmann::json::object());
    nlohmann::json domains = nlohmann::json::array();
    for_each_domain(options.domains, context, [&](const rpc::Selector& selector) {
        domains.push_back(get_status(selector, context));
    });
    return {{"domains", std::move(domains)}};
}

void run_list(const ListOptions& options, Context& context) {
    const nlohmann::json answer = fetch(options, context);
    if (context.json) return print_json(context, answer);
    const auto list = read_as<rpc::ListResult>("domain.list", answer);
    if (list.domains.empty()) return; // only what was not found was asked for
    print_line(context, domain_header());
    for (const rpc::DomainStatus& domain : list.domains)
        print_line(context, domain_row(domain));
    // Apart: programs read the table.
    for (const rpc::DomainStatus& domain : list.domains)
        if (!domain.remark.empty())
            print_note(context, fmt::format("{}: {}", domain.domain.name, domain.remark));
}

} // namespace

void setup_list(::CLI::App& app, Context& context) {
    auto options = std::make_shared<ListOptions>();
    ::CLI::App* sub = app.add_subcommand("list", "List domains, as xl list does");
    sub->add_option("DOM", options->domains, std::string{kDomainHelp} + "; all if none is given");
    sub->callback([options, &context] { run_list(*options, context); });
}

} // namespace pvh::cli
