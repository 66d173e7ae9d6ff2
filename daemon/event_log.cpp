// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/event_log.h"

#include "daemon/event_file.h"
#include "libdomain/core/error.h"
#include "libdomain/core/file.h"
#include "libdomain/core/log.h"
#include "libdomain/core/uuid.h"

#include <cerrno>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace fs = std::filesystem;

namespace {

/// Some times what a log at its longest comes to.
constexpr std::uint64_t kMaxFile = 16UL * 1024 * 1024;

std::string time_now() {
    const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
    const std::int64_t us = now.time_since_epoch().count();
    const std::time_t seconds = us / 1'000'000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       us % 1'000'000);
}

void append_to_file(const std::string& path, const std::string& text) {
    std::ofstream out{path, std::ios::app | std::ios::binary};
    out << text;
    out.close();
    if (!out) throw Error{Errc::internal, fmt::format("write to {}", path), errno};
}

} // namespace

EventLog::EventLog(std::string path, std::string host_boot_id)
    : path_{std::move(path)}, host_boot_id_{std::move(host_boot_id)} {
    try {
        take_up();
    } catch (const Error& e) {
        if (e.code() != Errc::not_found)
            log::warn("the events in {} cannot be believed ({}): beginning a new log", path_,
                      e.what());
        begin_anew();
    }
    write_file();
}

void EventLog::take_up() {
    const Bytes content = read_regular_file(path_, kMaxFile, "event log");
    EventFile file =
        parse_event_file({reinterpret_cast<const char*>(content.data()), content.size()});
    if (file.host_boot_id != host_boot_id_) return begin_anew();
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
    const std::string temporary = path_ + ".new";
    std::error_code failure;
    lines_ = events_.size();
    try {
        fs::remove(temporary, failure);
        append_to_file(temporary, text);
        fs::rename(temporary, path_);
        has_file_ = true;
    } catch (const std::exception& e) { // Error, or filesystem_error
        has_file_ = false;
        fs::remove(temporary, failure);
        fs::remove(path_, failure);
        log::error("events will not outlive this pvhd: {}", e.what());
    }
}

void EventLog::write_line(const rpc::Event& event) {
    ++lines_;
    if (!has_file_) return;
    try {
        append_to_file(path_, format_event_line(event));
    } catch (const Error& e) {
        // Whoever takes such a file up would give a number twice.
        has_file_ = false;
        std::error_code failure;
        fs::remove(path_, failure);
        log::error("events will not outlive this pvhd: {}", e.what());
    }
}

} // namespace pvh::daemon
