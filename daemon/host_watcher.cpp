// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/host_watcher.h"

#include "daemon/name_watch.h"
#include "daemon/pool.h"
#include "daemon/qemu_watch.h"
#include "daemon/reconcile.h"
#include "daemon/spawn.h"
#include "daemon/text.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

constexpr const char* kIntroduced = "@introduceDomain";
constexpr const char* kReleased = "@releaseDomain";
constexpr unsigned kLooksInARow = 4;
constexpr std::chrono::seconds kRetryAfterFailure{1};
// A zombie's last page comes back without any watch firing.
constexpr std::chrono::seconds kZombieLook{5};

std::string name_path(DomId id) {
    return fmt::format("/local/domain/{}/name", id.value());
}

std::map<DomId, std::string> read_names(xen::Store& store, const std::vector<DomId>& ids) {
    std::map<DomId, std::string> names;
    for (const DomId id : ids)
        names.emplace(id, guest_text(store.read(name_path(id)).value_or(""), 255));
    return names;
}

} // namespace

/// An answer of Xen, and when it was asked for.
struct HostWatcher::Look {
    std::vector<xen::DomainInfo> domains;
    Names names; // of those that need one
    std::uint64_t epoch{};
    Clock::time_point asked;
};

HostWatcher::HostWatcher(Toolstack& toolstack, std::unique_ptr<xen::StoreWatch> watch)
    : toolstack_{toolstack}, watch_{std::move(watch)} {
    readable_.emplace(toolstack.loop, watch_->fd());
}

HostWatcher::~HostWatcher() {
    stop();
}

void HostWatcher::start() {
    watch_->watch(kIntroduced, kIntroduced);
    watch_->watch(kReleased, kReleased);
    watch_->watch(kNames, kNames);
    for (const auto& [id, record] : toolstack_.registry.records())
        stale_.insert(id); // what happened before nobody told
    spawn(toolstack_.loop, "reading xenstore watches", read_events());
    spawn(toolstack_.loop, "following the host's domains", refresh_on_request());
}

void HostWatcher::stop() {
    is_stopped_ = true;
    requested_.notify();
    if (!readable_) return;
    readable_->release(); // the wait on it ends; the fd is the library's to close
    readable_.reset();
}

void HostWatcher::request_rescan() {
    is_rescan_wanted_ = true;
    requested_.notify();
}

Task<void> HostWatcher::read_events() {
    while (!is_stopped_) {
        boost::system::error_code failure;
        co_await readable_->async_wait(asio::posix::stream_descriptor::wait_read,
                                       asio::redirect_error(asio::use_awaitable, failure));
        if (is_stopped_) co_return;
        if (failure)
            throw Error{Errc::xenstore_error, "wait for xenstore watches", failure.value()};
        for (const auto& event : watch_->take_events())
            handle(event);
    }
}

void HostWatcher::handle(const xen::StoreWatch::Event& event) {
    if (event.token == kIntroduced || event.token == kReleased) {
        is_rescan_wanted_ = true;
    } else if (event.token == kNames) {
        const auto uuid = named_at(event.path);
        const Record* record = uuid ? toolstack_.registry.find(*uuid) : nullptr;
        if (record == nullptr) return; // one that is being made: its name is read when it appears
        stale_.insert(record->domain.id);
    } else {
        toolstack_.changed.notify();
        return;
    }
    requested_.notify();
}

Task<void> HostWatcher::refresh_on_request() {
    while (!is_stopped_) {
        auto wake = Clock::time_point::max();
        try {
            co_await refresh();
            if (has_zombies()) wake = Clock::now() + kZombieLook;
        } catch (const Error& e) {
            log::error("look at the host's domains: {}", e.what());
            wake = Clock::now() + kRetryAfterFailure;
        }
        if (is_stopped_) co_return;
        co_await requested_.wait(wake);
        if (Clock::now() >= wake) is_rescan_wanted_ = true;
    }
}

Task<void> HostWatcher::refresh() {
    while (!is_stopped_ && (is_rescan_wanted_ || !stale_.empty())) {
        if (std::exchange(is_rescan_wanted_, false)) co_await rescan();
        if (!stale_.empty()) co_await refresh_stale();
    }
}

Task<void> HostWatcher::rescan() {
    for (unsigned i = 0; i < kLooksInARow; ++i) {
        std::map<DomId, Uuid> known;
        for (const auto& [id, record] : toolstack_.registry.records())
            known.emplace(id, record.domain.uuid);
        std::function<Look(WorkerContext&)> job = [known =
                                                       std::move(known)](WorkerContext& context) {
            Look look{
                .domains = context.hypervisor.list_domains(), .names = {}, .epoch = 0, .asked = {}};
            std::vector<DomId> unknown;
            for (const auto& info : look.domains) {
                const auto found = known.find(info.id);
                if (found == known.end() || found->second != info.handle)
                    unknown.push_back(info.id);
            }
            look.names = read_names(context.store, unknown);
            return look;
        };
        const std::uint64_t epoch = toolstack_.registry.epoch();
        const auto asked = Clock::now();
        Look look = co_await toolstack_.queries.run(std::move(job));
        look.epoch = epoch;
        look.asked = asked;
        if (apply(look)) co_return;
    }
    request_rescan(); // too much is going on for a complete picture; what could be told was
}

bool HostWatcher::apply(const Look& look) {
    toolstack_.pool->look(look.domains, look.asked);
    const Changes changes = reconcile(toolstack_.registry.known(), look.domains);
    bool is_complete = true;
    for (const Domain& domain : changes.gone)
        is_complete &= apply_gone(domain, look);
    for (const auto& info : changes.appeared)
        is_complete &= apply_appeared(info, look);
    for (const auto& info : changes.changed)
        is_complete &= apply_changed(info, look);
    return is_complete;
}

bool HostWatcher::apply_gone(const Domain& domain, const Look& look) {
    const Record record = *toolstack_.registry.find(domain.id);
    if (record.touched > look.epoch) return false;
    const auto* operation = toolstack_.registry.operation_on(domain.uuid);
    if (record.is_managed() && operation != nullptr)
        return true; // whoever works on it will find out
    if (record.is_managed()) disown(record);
    toolstack_.registry.remove(domain.id);
    return true;
}

bool HostWatcher::apply_appeared(const xen::DomainInfo& info, const Look& look) {
    if (toolstack_.pool->owns(info.handle)) return true;
    Registry& registry = toolstack_.registry;
    const auto* operation = registry.operation_on(info.handle);
    if (operation != nullptr && (operation->op == Op::create || operation->op == Op::restart))
        return true; // ours to be: the build adds it
    const Domain domain{info.id, info.handle};
    const auto* ended = registry.find_ended([&](const Ended& e) { return e.domain == domain; });
    if (ended != nullptr && ended->epoch > look.epoch) return false;
    if (registry.last_undone() > look.epoch) return false;
    // The domid still stands for a domain that somebody works on: its end brings the next look.
    if (registry.find(info.id) != nullptr) return true;
    const auto name = look.names.find(info.id);
    // Nobody tells what its name became between the look and now. Nor was it asked for, if who had
    // this domid when Xen was asked has gone meanwhile.
    stale_.insert(info.id);
    registry.add({.domain = domain,
                  .name = name == look.names.end() ? "" : name->second,
                  .spec = std::nullopt,
                  .is_paused = info.is_paused,
                  .is_shutdown = info.is_shutdown,
                  .is_dying = info.is_dying,
                  .shutdown_reason = info.shutdown_reason});
    return true;
}

bool HostWatcher::apply_changed(const xen::DomainInfo& info, const Look& look) {
    const Record record = *toolstack_.registry.find(info.id);
    if (record.touched > look.epoch) return false;
    toolstack_.registry.update(info);
    if (!info.is_dying || !record.is_managed()) return true;
    if (toolstack_.registry.operation_on(info.handle) != nullptr) return true;
    disown(record);
    Record zombie = *toolstack_.registry.find(info.id);
    zombie.spec.reset();
    toolstack_.registry.add(std::move(zombie));
    return true;
}

void HostWatcher::disown(const Record& record) const {
    log::info("{} \"{}\" uuid={} was ended by somebody else", record.domain.id,
              printable(record.name), to_string(record.domain.uuid));
    const Record* living = toolstack_.registry.find(record.domain.uuid);
    const bool has_successor = living != nullptr && living->domain != record.domain;
    if (!has_successor) toolstack_.states.remove(record.domain.uuid);
    toolstack_.qemus->clean_up(record);
}

Task<void> HostWatcher::refresh_stale() {
    const std::vector<DomId> ids(stale_.begin(), stale_.end());
    stale_.clear();
    std::function<Look(WorkerContext&)> job = [ids](WorkerContext& context) {
        Look look{.domains = {}, .names = read_names(context.store, ids), .epoch = 0, .asked = {}};
        for (const DomId id : ids)
            if (const auto info = context.hypervisor.domain_info(id)) look.domains.push_back(*info);
        return look;
    };
    const std::uint64_t epoch = toolstack_.registry.epoch();
    Look look = co_await toolstack_.queries.run(std::move(job));
    look.epoch = epoch;
    auto known = toolstack_.registry.known();
    std::erase_if(known, [&](const Known& one) {
        return !std::binary_search(ids.begin(), ids.end(), one.domain.id);
    });
    const Changes changes = reconcile(known, look.domains);
    bool is_complete = changes.gone.empty() && changes.appeared.empty();
    for (const xen::DomainInfo& info : changes.changed)
        is_complete &= apply_changed(info, look);
    if (!is_complete) request_rescan();
    apply_names(look.names);
}

void HostWatcher::apply_names(const Names& names) {
    for (const auto& [id, name] : names) {
        const Record* record = toolstack_.registry.find(id);
        if (record == nullptr || record->name == name || name.empty()) continue;
        const auto* operation = toolstack_.registry.operation_on(record->domain.uuid);
        // What has ended is set aside under another name, and adds itself so; who renames it does
        // both, and this may be older.
        if (operation != nullptr && (operation->op == Op::restart || operation->op == Op::rename))
            continue;
        toolstack_.registry.rename(id, name);
        if (!record->is_managed()) continue;
        log::info("{} uuid={} is called \"{}\" now", id, to_string(record->domain.uuid),
                  printable(name));
        // Whoever builds or ends it keeps the file.
        if (operation != nullptr && (operation->op == Op::create || operation->op == Op::destroy))
            continue;
        toolstack_.states.save({.phase = Phase::complete, .spec = *record->spec, .domid = id});
    }
}

void HostWatcher::look_at(DomId id) {
    stale_.insert(id);
    requested_.notify();
}

void HostWatcher::watch_path(const std::string& path) {
    if (watched_paths_[path]++ == 0) watch_->watch(path, path);
}

void HostWatcher::unwatch_path(const std::string& path) noexcept {
    const auto found = watched_paths_.find(path);
    if (found == watched_paths_.end() || --found->second > 0) return;
    watched_paths_.erase(found);
    try {
        watch_->unwatch(path, path);
    } catch (const Error& e) {
        log::warn("unwatch {}: {}", path, e.what());
    }
}

bool HostWatcher::has_zombies() const {
    const auto& records = toolstack_.registry.records();
    return std::any_of(records.begin(), records.end(),
                       [](const auto& entry) { return entry.second.is_dying; });
}

} // namespace pvh::daemon
