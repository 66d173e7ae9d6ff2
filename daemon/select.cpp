// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/select.h"

#include "daemon/host_watcher.h"
#include "daemon/text.h"
#include "libdomain/core/error.h"

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

std::optional<Record> copy(const Record* record) {
    if (record == nullptr) return std::nullopt;
    return *record;
}

std::optional<Record> lookup_name(const Registry& registry, const std::string& name) {
    const auto named = registry.find(std::string_view{name});
    if (named.size() > 1)
        throw Error{Errc::conflict, fmt::format("{} domains are called \"{}\"", named.size(), name)}
            .with_hint("select one by uuid or domid");
    return named.empty() ? std::nullopt : copy(named.front());
}

const Registry::Operation* birth_of(const Registry& registry, const rpc::Selector& selector) {
    const auto uuid = selector.name ? registry.reserved(*selector.name) : selector.uuid;
    return uuid ? registry.operation_on(*uuid) : nullptr;
}

std::optional<Uuid> uuid_meant(const Registry& registry, const rpc::Selector& selector) {
    if (selector.uuid) return selector.uuid;
    if (const auto record = lookup(registry, selector); record && !record->is_dying)
        return record->domain.uuid;
    return selector.name ? registry.reserved(*selector.name) : std::nullopt;
}

bool is_in_hands_of_policy(const Registry& registry, const Uuid& uuid) {
    const auto* operation = registry.operation_on(uuid);
    return operation != nullptr && operation->by == kPolicy;
}

} // namespace

std::optional<Record> lookup(const Registry& registry, const rpc::Selector& selector) {
    if (selector.uuid) return copy(registry.find(*selector.uuid));
    if (selector.domid) return copy(registry.find(DomId{*selector.domid}));
    return lookup_name(registry, selector.name.value_or(""));
}

bool is_unborn(const Registry& registry, const rpc::Selector& selector) {
    return !lookup(registry, selector) && birth_of(registry, selector) != nullptr;
}

bool is_between_lives(const Registry& registry, const rpc::Selector& selector) {
    return is_unborn(registry, selector) && birth_of(registry, selector)->op == Op::restart;
}

Task<Record> find_domain(Toolstack& toolstack, rpc::Selector selector) {
    if (auto found = lookup(toolstack.registry, selector)) co_return *std::move(found);
    if (const auto* birth = birth_of(toolstack.registry, selector)) throw busy_with(*birth);
    co_await toolstack.watcher->rescan();
    if (auto found = lookup(toolstack.registry, selector)) co_return *std::move(found);
    throw Error{Errc::not_found, fmt::format("there is no domain with {}", describe(selector))}
        .with_hint("pvhctl list shows those there are");
}

Task<void> forget_who_is_gone(Toolstack& toolstack, std::string name, std::optional<Uuid> uuid) {
    const Registry& registry = toolstack.registry;
    const bool is_taken =
        !registry.find(std::string_view{name}).empty() || (uuid && registry.find(*uuid) != nullptr);
    if (is_taken) co_await toolstack.watcher->rescan();
}

Task<Record> find_guest(Toolstack& toolstack, rpc::Selector selector) {
    Record record = co_await find_domain(toolstack, std::move(selector));
    if (record.domain.id == kDom0)
        throw Error{Errc::unsupported, "d0 is this host's control domain, no guest"};
    co_return record;
}

Task<std::optional<rpc::Identity>> await_policy(Toolstack& toolstack, rpc::Selector selector) {
    Registry& registry = toolstack.registry;
    const auto uuid = uuid_meant(registry, selector);
    if (!uuid || !is_in_hands_of_policy(registry, *uuid)) co_return std::nullopt;
    const std::string name = registry.operation_on(*uuid)->name;
    while (is_in_hands_of_policy(registry, *uuid)) {
        // A restart that begins only now is meant as well.
        if (!registry.operation_on(*uuid)->is_called_off) registry.call_off(*uuid);
        co_await toolstack.changed.wait();
    }
    co_return rpc::Identity{*uuid, name, kNoDomain.value()};
}

std::string describe(const rpc::Selector& selector) {
    if (selector.uuid) return fmt::format("UUID {}", to_string(*selector.uuid));
    if (selector.domid) return fmt::format("domid {}", *selector.domid);
    return fmt::format("name \"{}\"", printable(selector.name.value_or("")));
}

rpc::Identity identity_of(const Record& record) {
    return {record.domain.uuid, record.name, record.domain.id.value()};
}

} // namespace pvh::daemon
