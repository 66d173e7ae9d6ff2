// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/event_file.h"

#include "daemon/line_file.h"
#include "libdomain/core/error.h"
#include "rpc/json_reader.h"
#include "rpc/messages_json.h"
#include "rpc/parse.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::daemon {

namespace {

using nlohmann::json;

constexpr unsigned kSchema = 1;

[[noreturn]] void disbelieve(std::string why) {
    throw Error{Errc::invalid_config, std::move(why)};
}

json write_told(const ToldDomains& told) {
    json list = json::array();
    for (const auto& [domid, domain] : told) {
        json entry = domain.identity;
        entry["paused"] = domain.is_paused;
        entry["shutdown_reason"] = domain.shutdown_reason;
        list.push_back(std::move(entry));
    }
    return list;
}

ToldDomains read_told(const json& list) {
    rpc::require_array(list, "told");
    ToldDomains told;
    for (const json& entry : list) {
        ToldDomain domain{
            .identity = entry.get<rpc::Identity>(), .is_paused = false, .shutdown_reason = {}};
        rpc::read_value(entry.at("paused"), "paused", domain.is_paused);
        rpc::read_value(entry.at("shutdown_reason"), "shutdown_reason", domain.shutdown_reason);
        told.emplace(domain.identity.domid, std::move(domain));
    }
    return told;
}

EventFile read_header(const json& header) {
    if (header.at("schema") != kSchema) disbelieve("its schema is another one");
    EventFile file;
    rpc::read_value(header.at("host_boot_id"), "host_boot_id", file.host_boot_id);
    rpc::read_value(header.at("boot_id"), "boot_id", file.boot_id);
    rpc::read_value(header.at("told_until"), "told_until", file.told_until);
    file.told = read_told(header.at("told"));
    return file;
}

void take_event(EventFile& file, rpc::Event event) {
    const std::uint64_t last = file.events.empty() ? 0 : file.events.back().seq;
    if (event.boot_id != file.boot_id || (last != 0 && event.seq != last + 1))
        disbelieve(fmt::format("event {} follows event {}", event.seq, last));
    file.events.push_back(std::move(event));
}

EventFile read(const std::string& path) {
    EventFile file;
    bool has_header = false;
    for_each_line(path, "event log", [&](std::string_view text) {
        const json line = rpc::parse_untrusted(text);
        if (std::exchange(has_header, true))
            take_event(file, line.get<rpc::Event>());
        else
            file = read_header(line);
    });
    if (!has_header) disbelieve("it has no first line");
    if (!file.events.empty() && file.events.back().seq < file.told_until)
        disbelieve("its last event is older than its first line");
    return file;
}

} // namespace

std::string format_event_line(const rpc::Event& event) {
    return rpc::to_line(event) + '\n';
}

std::string format_event_header(const EventFile& file) {
    return rpc::to_line(json{{"schema", kSchema},
                             {"host_boot_id", file.host_boot_id},
                             {"boot_id", file.boot_id},
                             {"told_until", file.told_until},
                             {"told", write_told(file.told)}}) +
           '\n';
}

EventFile read_event_file(const std::string& path) {
    try {
        return read(path);
    } catch (const json::exception& e) {
        disbelieve(e.what());
    }
}

} // namespace pvh::daemon
