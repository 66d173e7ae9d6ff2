// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/event_log.h"

#include "daemon/event_file.h"
#include "daemon/line_file.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/uuid.h"

#include <chrono>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace fs = std::filesystem;

namespace {

std::string time_now() {
    const auto now =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    const std::int64_t us = now.time_since_epoch().count();
    const std::time_t seconds = us / 1'000'000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       us % 1'000'000);
}

} // namespace

EventLog::EventLog(std::string path, std::string host_boot_id)
    : path_{std::move(path)}, host_boot_id_{std::move(host_boot_id)} {
    begin_anew();
    try {
        if (fs::exists(path_)) take_up();
    } catch (const Error& e) {
        log::warn("the events in {} cannot be believed ({}): beginning a new log", path_, e.what());
        begin_anew();
    }
    write_file();
}

void EventLog::take_up() {
    EventFile file = read_event_file(path_);
    if (file.host_boot_id != host_boot_id_) return;
    boot_id_ = std::move(file.boot_id);
    next_ = file.told_until + 1;
    told_ = std::move(file.told);
    for (rpc::Event& event : file.events) {
        if (event.seq > file.told_until) learn(event);
        next_ = event.seq + 1;
        events_.push_back(std::move(event));
        if (events_.size() > kKept) events_.pop_front();
    }
}

void EventLog::begin_anew() {
    boot_id_ = to_string(random_uuid());
    next_ = 1;
    events_.clear();
    told_.clear();
}

void EventLog::append(rpc::EventType type, const rpc::Identity& domain, rpc::EventData data) {
    rpc::Event event{.seq = next_,
                     .boot_id = boot_id_,
                     .time = time_now(),
                     .type = std::string{word_of(type)},
                     .domain = domain,
                     .data = std::move(data)};
    write_line(event);
    ++next_;
    learn(event);
    events_.push_back(std::move(event));
    if (events_.size() > kKept) events_.pop_front();
    if (lines_ >= 2 * kKept) write_file();
}

void EventLog::learn(const rpc::Event& event) {
    const auto type = enum_of<rpc::EventType>(event.type);
    if (type == rpc::EventType::domain_destroyed) told_.erase(event.domain.domid);
    if (type == rpc::EventType::domain_created)
        told_[event.domain.domid] = {.identity = event.domain,
                                     .is_paused = event.data.paused.value_or(false),
                                     .shutdown_reason = {}};
    const auto found = told_.find(event.domain.domid);
    if (found == told_.end() || found->second.identity.uuid != event.domain.uuid) return;
    ToldDomain& domain = found->second;
    if (type == rpc::EventType::domain_renamed) domain.identity.name = event.domain.name;
    if (type == rpc::EventType::domain_paused) domain.is_paused = true;
    if (type == rpc::EventType::domain_unpaused) domain.is_paused = false;
    if (type == rpc::EventType::domain_shutdown)
        domain.shutdown_reason = event.data.reason.value_or("");
    if (type == rpc::EventType::domain_resumed) domain.shutdown_reason.clear();
}

void EventLog::write_file() {
    EventFile file{.host_boot_id = host_boot_id_,
                   .boot_id = boot_id_,
                   .told_until = next_ - 1,
                   .told = told_,
                   .events = {}};
    std::string text = format_event_header(file);
    for (const rpc::Event& event : events_)
        text += format_event_line(event);
    lines_ = events_.size();
    try {
        replace_file(path_, text);
        has_file_ = true;
    } catch (const Error& e) {
        give_up_file(e);
    }
}

void EventLog::write_line(const rpc::Event& event) {
    ++lines_;
    if (!has_file_) return;
    try {
        append_to_file(path_, format_event_line(event));
    } catch (const Error& e) {
        give_up_file(e);
    }
}

/// Whoever took a file up that lacks events would give their numbers twice.
void EventLog::give_up_file(const Error& why) {
    has_file_ = false;
    std::error_code failure;
    fs::remove(path_, failure);
    log::error("events will not outlive this pvhd: {}", why.what());
    if (failure)
        log::error("remove {} before the next pvhd starts, or it gives numbers of events again: {}",
                   path_, failure.message());
}

} // namespace pvh::daemon
