// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/registry.h"

#include "daemon/endings.h"
#include "libdomain/core/error.h"
#include "libdomain/spec/validate.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

constexpr std::size_t kEndedKept = 256;

/// Of a name that a domain has which Xen has not, or not yet.
Error is_on_its_way(std::string_view name, const Registry::Operation* operation) {
    const bool is_restart = operation != nullptr && operation->op == Op::restart;
    const std::string remark = operation == nullptr ? "" : operation->remark;
    Error error{Errc::already_exists, fmt::format("a domain \"{}\" is being {}{}{}", name,
                                                  is_restart ? "restarted" : "created",
                                                  remark.empty() ? "" : ": ", remark)};
    if (is_restart) error.with_hint("choose another name, or end that with pvhctl destroy");
    return error;
}

} // namespace

std::string_view to_string(Op op) {
    switch (op) {
    case Op::create:
        return "create";
    case Op::destroy:
        return "destroy";
    case Op::restart:
        return "restart";
    case Op::pause:
        return "pause";
    case Op::unpause:
        return "unpause";
    case Op::shutdown:
        return "shutdown";
    case Op::reboot:
        return "reboot";
    case Op::set_vcpus:
        return "set_vcpus";
    case Op::attach:
        return "attach";
    case Op::detach:
        return "detach";
    case Op::dump:
        return "dump";
    case Op::rename:
        return "rename";
    case Op::set_memory:
        return "set_memory";
    case Op::pin_vcpu:
        return "pin_vcpu";
    case Op::set_scheduling:
        return "set_scheduling";
    case Op::set_cpupool:
        return "set_cpupool";
    case Op::set_config:
        return "set_config";
    case Op::trigger:
        return "trigger";
    case Op::sysrq:
        return "sysrq";
    }
    return "operation";
}

Error busy_with(const Registry::Operation& operation) {
    return Error{Errc::busy, fmt::format("{} of domain \"{}\" is under way for {}{}{}",
                                         to_string(operation.op), operation.name, operation.by,
                                         operation.remark.empty() ? "" : ": ", operation.remark)}
        .with_hint(operation.op == Op::restart && operation.by == kPolicy
                       ? "try again when it is done; pvhctl destroy ends it"
                       : "try again when it is done");
}

OperationToken::OperationToken(OperationToken&& other) noexcept
    : registry_{std::exchange(other.registry_, nullptr)}, uuid_{other.uuid_} {}

OperationToken::~OperationToken() {
    if (registry_ != nullptr) registry_->end_operation(uuid_);
}

OperationToken Registry::begin(const Uuid& uuid, Op op, std::string by) {
    if (const Operation* current = operation_on(uuid)) throw busy_with(*current);
    const Record* record = find(uuid);
    const std::string name = record != nullptr ? record->name : "";
    operations_.emplace(uuid, Operation{.op = op, .by = std::move(by), .name = name, .remark = ""});
    // Between the end of the old domain and the start of the new one nobody else may take the name.
    if (op == Op::restart && !name.empty()) reserved_names_.emplace(name, uuid);
    changed();
    return OperationToken{*this, uuid};
}

OperationToken Registry::reserve(const Uuid& uuid, const std::string& name, Op op, std::string by) {
    require_unused(uuid, name);
    OperationToken token = begin(uuid, op, std::move(by));
    operations_.at(uuid).name = name;
    reserved_names_.emplace(name, uuid);
    return token;
}

OperationToken Registry::resume_restart(const Uuid& uuid, const std::string& name, std::string by) {
    OperationToken token = begin(uuid, Op::restart, std::move(by));
    operations_.at(uuid).name = name;
    reserved_names_.emplace(name, uuid);
    return token;
}

void Registry::require_unused(const Uuid& uuid, const std::string& name) const {
    if (const auto other = reserved(name)) throw is_on_its_way(name, operation_on(*other));
    if (const auto same = find(std::string_view{name}); !same.empty())
        throw Error{Errc::already_exists,
                    fmt::format("a domain \"{}\" exists: {} with UUID {}", name,
                                same.front()->domain.id, pvh::to_string(same.front()->domain.uuid))}
            .with_hint("choose another name, or destroy that domain first");
    if (const Record* same = find(uuid))
        throw Error{Errc::already_exists,
                    fmt::format("UUID {} is that of domain \"{}\" ({})", pvh::to_string(uuid),
                                same->name, same->domain.id)};
    const Operation* operation = operation_on(uuid);
    if (operation != nullptr && operation->op == Op::create)
        throw Error{Errc::already_exists,
                    fmt::format("a domain with UUID {} is being created", pvh::to_string(uuid))};
}

void Registry::end_operation(const Uuid& uuid) noexcept {
    const auto* operation = operation_on(uuid);
    const bool was_build =
        operation != nullptr && (operation->op == Op::create || operation->op == Op::restart);
    if (was_build && !living_.contains(uuid)) last_undone_ = ++epoch_;
    operations_.erase(uuid);
    std::erase_if(reserved_names_, [&](const auto& entry) { return entry.second == uuid; });
    changed();
}

const Registry::Operation* Registry::operation_on(const Uuid& uuid) const {
    const auto found = operations_.find(uuid);
    return found == operations_.end() ? nullptr : &found->second;
}

void Registry::remark(const Uuid& uuid, std::string text) {
    const auto found = operations_.find(uuid);
    if (found == operations_.end()) return;
    found->second.remark = std::move(text);
    changed();
}

void Registry::call_off(const Uuid& uuid) {
    const auto found = operations_.find(uuid);
    if (found == operations_.end() || found->second.op != Op::restart) return;
    found->second.is_called_off = true;
    changed();
}

std::optional<Uuid> Registry::reserved(std::string_view name) const {
    const auto found = reserved_names_.find(name);
    if (found == reserved_names_.end()) return std::nullopt;
    return found->second;
}

void Registry::add(Record record) {
    drop(record.domain.id);
    record.touched = ++epoch_;
    const auto [place, is_new] = records_.emplace(record.domain.id, std::move(record));
    index(place->second);
    changed(place->first);
}

void Registry::update(const xen::DomainInfo& info) {
    const auto found = records_.find(info.id);
    if (found == records_.end()) return;
    Record& record = found->second;
    unindex(record);
    record.is_paused = info.is_paused;
    record.is_shutdown = info.is_shutdown;
    record.is_dying = info.is_dying;
    record.shutdown_reason = info.shutdown_reason;
    if (!info.is_shutdown) record.is_end_handled = false; // resumed: its next end is a new one
    record.touched = ++epoch_;
    index(record);
    changed(info.id);
}

void Registry::set_paused(DomId id, bool is_paused) {
    const auto found = records_.find(id);
    if (found == records_.end()) return;
    found->second.is_paused = is_paused;
    found->second.touched = ++epoch_;
    changed(id);
}

void Registry::rename(DomId id, const std::string& name) {
    const auto found = records_.find(id);
    if (found == records_.end() || found->second.name == name) return;
    unindex(found->second);
    found->second.name = name;
    // A restart keeps the new name, if it is one that a config could have.
    if (found->second.spec && complaint_about_name(name).empty()) found->second.spec->name = name;
    index(found->second);
    changed(id);
}

void Registry::set_spec(DomId id, DomainSpec spec) {
    const auto found = records_.find(id);
    if (found == records_.end() || !found->second.is_managed()) return;
    found->second.spec = std::move(spec);
    changed();
}

void Registry::remove(DomId id) {
    if (drop(id)) changed(id);
}

bool Registry::drop(DomId id) {
    const auto found = records_.find(id);
    if (found == records_.end()) return false;
    ++epoch_;
    unindex(found->second);
    note_ended(found->second);
    records_.erase(found);
    return true;
}

void Registry::mark_end_handled(DomId id) {
    const auto found = records_.find(id);
    if (found == records_.end()) return;
    found->second.is_end_handled = true;
    stopped_.erase(id);
}

void Registry::remark(DomId id, std::string text) {
    const auto found = records_.find(id);
    if (found != records_.end()) found->second.remark = std::move(text);
}

const Record* Registry::find(DomId id) const {
    const auto found = records_.find(id);
    return found == records_.end() ? nullptr : &found->second;
}

const Record* Registry::find(const Uuid& uuid) const {
    const auto found = living_.find(uuid);
    return found == living_.end() ? nullptr : find(found->second);
}

std::vector<const Record*> Registry::find(std::string_view name) const {
    std::vector<const Record*> found;
    const auto [first, last] = names_.equal_range(name);
    for (auto entry = first; entry != last; ++entry)
        found.push_back(find(entry->second));
    return found;
}

const Ended* Registry::find_ended(const std::function<bool(const Ended&)>& matches) const {
    const auto found = std::find_if(ended_.rbegin(), ended_.rend(), matches);
    return found == ended_.rend() ? nullptr : &*found;
}

std::vector<Known> Registry::known() const {
    std::vector<Known> known;
    known.reserve(records_.size());
    for (const auto& [id, record] : records_)
        known.push_back({record.domain, record.is_paused, record.is_shutdown, record.is_dying});
    return known;
}

std::vector<Domain> Registry::due_endings() const {
    std::vector<Domain> due;
    for (const DomId id : stopped_) {
        const Record& record = records_.at(id);
        if (operation_on(record.domain.uuid) == nullptr) due.push_back(record.domain);
    }
    return due;
}

void Registry::index(const Record& record) {
    if (record.is_dying) return;
    living_.try_emplace(record.domain.uuid, record.domain.id);
    if (!record.name.empty()) names_.emplace(record.name, record.domain.id);
    if (record.is_managed() && record.is_shutdown && !record.is_end_handled)
        stopped_.insert(record.domain.id);
}

void Registry::unindex(const Record& record) {
    const auto living = living_.find(record.domain.uuid);
    if (living != living_.end() && living->second == record.domain.id) living_.erase(living);
    const auto [first, last] = names_.equal_range(record.name);
    const auto named = std::find_if(
        first, last, [&](const auto& entry) { return entry.second == record.domain.id; });
    if (named != last) names_.erase(named);
    stopped_.erase(record.domain.id);
}

void Registry::note_ended(const Record& record) {
    if (ended_.size() == kEndedKept) ended_.erase(ended_.begin());
    const std::string reason = record.is_shutdown ? shutdown_word(record.shutdown_reason) : "";
    ended_.push_back({record.domain, record.name, reason, epoch_});
}

void Registry::changed(std::optional<DomId> id) const {
    if (on_change_) on_change_(id);
}

} // namespace pvh::daemon
