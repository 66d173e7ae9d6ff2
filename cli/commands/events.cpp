// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <cstdint>
#include <memory>
#include <optional>

#include <CLI/Error.hpp>
#include <CLI/Validators.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct EventsOptions {
    std::string domain;
    std::vector<std::string> types;
    std::optional<std::uint64_t> since;
    std::string boot_id;
    bool follow = false;
};

rpc::EventFilter filter_of(const EventsOptions& options) {
    rpc::EventFilter filter;
    if (!options.domain.empty()) filter.domain = parse_selector(options.domain);
    for (const std::string& word : options.types)
        filter.types.push_back(enum_of<rpc::EventType>(word).value());
    return filter;
}

/// "reason poweroff, managed".
std::string details_of(const rpc::EventData& data) {
    std::string text;
    const auto add = [&](const std::string& detail) {
        text += (text.empty() ? "  " : ", ") + detail;
    };
    if (data.managed) add(*data.managed ? "managed" : "of another toolstack");
    if (data.paused.value_or(false)) add("paused");
    if (data.reason && !data.reason->empty()) add(*data.reason);
    if (data.old_name) add(fmt::format("was \"{}\"", *data.old_name));
    if (data.device) add(*data.device);
    if (data.message) add(*data.message);
    if (data.delay_ms) add(fmt::format("next attempt after {} s", *data.delay_ms / 1000));
    if (data.first_lost)
        add(fmt::format("events {} to {} are lost", *data.first_lost,
                        data.last_lost.value_or(*data.first_lost)));
    return text;
}

std::string name_of(const rpc::Identity& domain) {
    if (domain.uuid.is_nil()) return "-";
    if (domain.domid == kNoDomain.value()) return domain.name; // between two lives
    return fmt::format("{}({})", domain.name, domain.domid);
}

std::string row_of(const rpc::Event& event) {
    return fmt::format("{} {:>6} {:<22} {}{}", event.time, event.seq, event.type,
                       name_of(event.domain), details_of(event.data));
}

void print_event(Context& context, const nlohmann::json& message) {
    if (context.json)
        context.out << message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                    << '\n';
    else
        print_line(context, row_of(read_as<rpc::Event>("events.subscribe", message)));
    context.out.flush(); // whoever reads it in a pipe waits for it
}

void list_events(const EventsOptions& options, Context& context) {
    rpc::EventsParams params;
    params.filter = filter_of(options);
    params.since = options.since;
    params.boot_id = options.boot_id;
    params.limit = UINT64_MAX;
    const auto answer = context.daemon.call("events.list", params);
    for (const nlohmann::json& event : answer.at("events"))
        print_event(context, event);
}

/// Where to go on after the connection was lost.
struct Place {
    std::optional<std::uint64_t> since;
    std::string boot_id;
};

/// Until the connection is lost.
void follow_connection(const rpc::EventFilter& filter, Place& place, Context& context) {
    const rpc::SubscribeParams params{
        .filter = filter, .since = place.since, .boot_id = place.boot_id};
    const auto begin = call_as<rpc::SubscribeResult>(context.daemon, "events.subscribe", params);
    place = {.since = begin.seq, .boot_id = begin.boot_id};
    while (context.out) {
        const nlohmann::json event = context.daemon.next_notification("event");
        print_event(context, event);
        place.since = event.at("seq").get<std::uint64_t>();
    }
}

/// A pvhd that is started again knows what was told before, and what happened meanwhile.
void follow_events(const EventsOptions& options, Context& context) {
    const rpc::EventFilter filter = filter_of(options);
    Place place{.since = options.since, .boot_id = options.boot_id};
    bool is_back = false;
    while (context.out) {
        try {
            follow_connection(filter, place, context);
        } catch (const rpc::ConnectionLost&) {
            if (!await_return(context)) throw;
            is_back = true;
        } catch (const Error& e) {
            if (e.code() != Errc::events_lost || !is_back) throw;
            print_error(context, e);
            place = {}; // go on with what comes
        }
    }
}

void run_events(const EventsOptions& options, Context& context) {
    if (options.follow)
        follow_events(options, context);
    else
        list_events(options, context);
}

} // namespace

void setup_events(::CLI::App& app, Context& context) {
    auto options = std::make_shared<EventsOptions>();
    ::CLI::App* sub = app.add_subcommand("events", "Print what has happened to domains");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp} + "; all if none is given");
    sub->add_flag("-f,--follow", options->follow, "Go on with what happens from now on");
    auto* since = sub->add_option("--since", options->since, "Only what came after this event")
                      ->type_name("NUMBER");
    sub->add_option("--boot-id", options->boot_id, "The log that the number belongs to")
        ->needs(since)
        ->type_name("ID");
    sub->add_option("--type", options->types, "Only events of this type; may be repeated")
        ->check(::CLI::IsMember(
            std::vector<std::string>{kWords<rpc::EventType>.begin(), kWords<rpc::EventType>.end()}))
        ->type_name("TYPE");
    sub->footer("With --json each event is a line of its own.\n"
                "With --follow alone it begins with what comes; with --since 0 with the first\n"
                "event there was. It lives on when pvhd is started anew.");
    add_examples(*sub, kLooking,
                 {"pvhctl events web",
                  "pvhctl events --follow --json | jq -c 'select(.type == \"domain.shutdown\")'"});
    sub->callback([options, &context] { run_events(*options, context); });
}

} // namespace pvh::cli
