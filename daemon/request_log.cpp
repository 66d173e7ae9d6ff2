// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/request_log.h"

#include "daemon/line_file.h"
#include "daemon/text.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "rpc/json_reader.h"
#include "rpc/messages_json.h"
#include "rpc/parse.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace pvh::daemon {

namespace {

using nlohmann::json;

constexpr unsigned kSchema = 1;

std::string text_of(const json& line, const char* name) {
    std::string text;
    rpc::read_value(line.at(name), name, text);
    return text;
}

json describe(const RequestLog::Key& key, const RequestLog::Entry* entry) {
    json line{{"uid", key.uid}, {"id", key.id}};
    if (entry == nullptr) return line; // forgotten
    line["digest"] = entry->digest;
    if (entry->subject) line["subject"] = *entry->subject;
    if (entry->result) line["result"] = *entry->result;
    return line;
}

} // namespace

RequestLog::RequestLog(std::string path, std::string host_boot_id)
    : path_{std::move(path)}, host_boot_id_{std::move(host_boot_id)} {
    try {
        take_up();
    } catch (const std::exception& e) { // Error, or one of nlohmann's own
        log::warn("the requests in {} cannot be believed, so one that is sent again may be carried "
                  "out again: {}",
                  path_, e.what());
        entries_.clear();
    }
    write_file();
}

void RequestLog::take_up() {
    bool is_ours = false;
    bool has_header = false;
    for_each_line(path_, "request log", [&](std::string_view text) {
        const json line = rpc::parse_untrusted(text);
        if (std::exchange(has_header, true)) {
            if (is_ours) take_line(line);
            return;
        }
        if (line.at("schema") != kSchema)
            throw Error{Errc::invalid_config, "its schema is another one"};
        is_ours = text_of(line, "host_boot_id") == host_boot_id_;
    });
}

void RequestLog::take_line(const json& line) {
    Key key{.uid = 0, .id = text_of(line, "id")};
    rpc::read_value(line.at("uid"), "uid", key.uid);
    entries_.erase(key);
    if (!line.contains("digest")) return;
    Entry entry;
    entry.digest = text_of(line, "digest");
    entry.age = next_age_++;
    if (line.contains("subject")) entry.subject = line.at("subject").get<rpc::Identity>();
    if (line.contains("result")) entry.result = line.at("result");
    entry.is_subject_earlier = entry.subject.has_value() && !entry.result.has_value();
    entries_.emplace(std::move(key), std::move(entry));
}

std::string RequestLog::digest_of(std::string_view method, const json& params) {
    const boost::uuids::name_generator_sha1 name{boost::uuids::ns::oid()};
    return to_string(name(std::string{method} + ' ' + rpc::to_line(params)));
}

const RequestLog::Entry* RequestLog::find(const Key& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

void RequestLog::begin(const Key& key, const std::string& digest) {
    Entry& entry = entries_[key];
    entry.digest = digest;
    entry.is_under_way = true;
    entry.age = next_age_++;
    forget_oldest(key.uid);
}

void RequestLog::note_subject(const Key& key, const rpc::Identity& subject) {
    entries_.at(key).subject = subject;
    write_entry(key);
}

void RequestLog::succeed(const Key& key, const json& result) {
    Entry& entry = entries_.at(key);
    entry.is_under_way = false;
    entry.is_subject_earlier = false;
    entry.result = result;
    write_entry(key);
}

void RequestLog::fail(const Key& key) {
    Entry& entry = entries_.at(key);
    entry.is_under_way = false;
    if (entry.is_subject_earlier) return;
    const bool is_on_file = entry.subject.has_value();
    entries_.erase(key);
    if (is_on_file) write_entry(key);
}

void RequestLog::forget_oldest(std::uint32_t uid) {
    auto oldest = entries_.end();
    std::size_t ended = 0;
    for (auto entry = entries_.lower_bound({.uid = uid, .id = {}});
         entry != entries_.end() && entry->first.uid == uid; ++entry) {
        if (entry->second.is_under_way) continue;
        ++ended;
        if (oldest == entries_.end() || entry->second.age < oldest->second.age) oldest = entry;
    }
    if (ended > kKept) entries_.erase(oldest);
}

void RequestLog::write_file() {
    std::vector<const Key*> keys;
    for (const auto& [key, entry] : entries_)
        keys.push_back(&key);
    std::sort(keys.begin(), keys.end(), [&](const Key* a, const Key* b) {
        return entries_.at(*a).age < entries_.at(*b).age;
    });
    std::string text =
        rpc::to_line(json{{"schema", kSchema}, {"host_boot_id", host_boot_id_}}) + '\n';
    for (const Key* key : keys)
        text += rpc::to_line(describe(*key, find(*key))) + '\n';
    lines_ = keys.size();
    is_file_whole_ = false;
    try {
        replace_file(path_, text);
        is_file_whole_ = true;
    } catch (const Error& e) {
        log::warn("requests that are sent again after a restart of pvhd may be carried out again: "
                  "{}",
                  e.what());
    }
}

void RequestLog::write_entry(const Key& key) {
    if (++lines_ > entries_.size() + 4 * kKept || !is_file_whole_) return write_file();
    try {
        append_to_file(path_, rpc::to_line(describe(key, find(key))) + '\n');
    } catch (const Error& e) {
        is_file_whole_ = false;
        log::warn("request \"{}\" may be carried out again if it is sent again after a restart of "
                  "pvhd: {}",
                  printable(key.id), e.what());
    }
}

} // namespace pvh::daemon
