// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/record_change.h"

#include "daemon/endings.h"
#include "daemon/text.h"

#include <vector>

namespace pvh::daemon {

namespace {

using rpc::EventType;

/// The living domain of that number.
const Record* alive(const Registry& registry, DomId id) {
    const Record* record = registry.find(id);
    return record == nullptr || record->is_dying ? nullptr : record;
}

const ToldDomain* told(const EventLog& events, DomId id) {
    const auto found = events.told().find(id.value());
    return found == events.told().end() ? nullptr : &found->second;
}

rpc::EventData reason(std::string word) {
    rpc::EventData data;
    data.reason = std::move(word);
    return data;
}

void tell_end(EventLog& events, DomId id, const Record* now) {
    const ToldDomain* before = told(events, id);
    if (before == nullptr || (now != nullptr && now->domain.uuid == before->identity.uuid)) return;
    const rpc::Identity identity = before->identity;
    events.append(EventType::domain_destroyed, identity, reason(before->shutdown_reason));
}

void tell_begin(EventLog& events, const Record& now, const rpc::Identity& identity) {
    if (told(events, now.domain.id) != nullptr) return;
    rpc::EventData data;
    data.managed = now.is_managed();
    data.paused = now.is_paused;
    events.append(EventType::domain_created, identity, std::move(data));
}

void tell_name(EventLog& events, const ToldDomain& before, const rpc::Identity& identity) {
    if (before.identity.name == identity.name) return;
    rpc::EventData data;
    data.old_name = before.identity.name;
    events.append(EventType::domain_renamed, identity, std::move(data));
}

void tell_state(EventLog& events, const ToldDomain& before, const Record& now,
                const rpc::Identity& identity) {
    const std::string ended = now.is_shutdown ? shutdown_word(now.shutdown_reason) : "";
    const bool was_paused = before.is_paused;
    const bool has_ended = !before.shutdown_reason.empty();
    if (now.is_paused != was_paused)
        events.append(now.is_paused ? EventType::domain_paused : EventType::domain_unpaused,
                      identity);
    if (ended.empty() == !has_ended) return;
    if (ended.empty())
        events.append(EventType::domain_resumed, identity);
    else
        events.append(EventType::domain_shutdown, identity, reason(ended));
}

} // namespace

void record_change(EventLog& events, const Registry& registry, DomId id) {
    if (id == kDom0) return;
    const Record* now = alive(registry, id);
    tell_end(events, id, now);
    if (now == nullptr) return;
    const rpc::Identity identity{now->domain.uuid, guest_text(now->name), id.value()};
    tell_begin(events, *now, identity);
    tell_name(events, *told(events, id), identity);
    tell_state(events, *told(events, id), *now, identity);
}

void record_changes(EventLog& events, const Registry& registry) {
    std::vector<DomId> told_ids; // telling an end changes what is told
    for (const auto& [domid, domain] : events.told())
        told_ids.emplace_back(domid);
    for (const DomId id : told_ids) // first, for one that came may have the name of one that went
        tell_end(events, id, alive(registry, id));
    for (const auto& [id, record] : registry.records())
        record_change(events, registry, id);
}

} // namespace pvh::daemon
