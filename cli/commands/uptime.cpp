// SPDX-License-Identifier: LGPL-2.1-or-later
// [tools/xl/xl_info.c print_uptime]
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/table.h"
#include "rpc/messages_json.h"

#include <array>
#include <ctime>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct UptimeOptions {
    std::vector<std::string> domains;
    bool is_short = false;
};

/// "3 days,  1:02:03", without seconds in the short form.
std::string uptime_text(std::uint64_t uptime_s, bool is_short) {
    const std::uint64_t days = uptime_s / 86'400;
    std::string text = days > 0 ? fmt::format("{} day{}, ", days, days > 1 ? "s" : "") : "";
    text += fmt::format("{:2}:{:02}", uptime_s / 3600 % 24, uptime_s / 60 % 60);
    if (!is_short) text += fmt::format(":{:02}", uptime_s % 60);
    return text;
}

std::string time_of_day() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    std::array<char, 16> text{};
    localtime_r(&now, &local);
    return {text.data(), std::strftime(text.data(), text.size(), "%H:%M:%S", &local)};
}

std::string line_of(const rpc::DomainUptime& domain, bool is_short) {
    const std::string uptime = domain.uptime_s ? uptime_text(*domain.uptime_s, is_short) : "-";
    const std::string name = shown_name(domain.domain);
    if (is_short)
        return fmt::format(" {} up {}, {} ({})", time_of_day(), uptime, name, domain.domain.domid);
    return fmt::format("{} {:4} {}", pad_right(name, 33), domain.domain.domid, uptime);
}

void run_uptime(const UptimeOptions& options, Context& context) {
    const nlohmann::json answer = fetch_domains("domain.uptime", options.domains, context);
    if (context.json) return print_json(context, answer);
    const auto result = read_as<rpc::UptimeResult>("domain.uptime", answer);
    if (result.domains.empty()) return; // only what was not found was asked for
    if (!options.is_short) print_header(context, pad_right("Name", 33) + "   ID Uptime");
    for (const rpc::DomainUptime& domain : result.domains)
        print_line(context, line_of(domain, options.is_short));
}

} // namespace

void setup_uptime(::CLI::App& app, Context& context) {
    auto options = std::make_shared<UptimeOptions>();
    ::CLI::App* sub = app.add_subcommand("uptime", "Tell how long domains have run");
    sub->add_option("DOM", options->domains, std::string{kDomainHelp} + "; all if none is given");
    sub->add_flag("-s,--short", options->is_short, "In the form of uptime(1)");
    add_examples(*sub, kLooking, {"pvhctl uptime"});
    sub->callback([options, &context] { run_uptime(*options, context); });
}

} // namespace pvh::cli
