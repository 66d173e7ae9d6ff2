// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/channels.h"

#include "libdomain/core/log.h"
#include "libdomain/device/channel.h"
#include "libdomain/device/console.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace pvh::console {

using device::Address;
using device::XenbusState;

namespace {

template <class T> std::optional<T> number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// What stands before the next slash, taken off the front of `path`.
std::string_view take_part(std::string_view& path) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    return part;
}

Address address_of(DomId guest, unsigned devid) {
    return {.kind = "console", .id = devid, .frontend = guest};
}

std::string folder_of(DomId id) {
    return fmt::format("{}/{}", device::console_backends_path(), id.value());
}

} // namespace

bool Channels::start() {
    parts_.watch.watch(device::kChannelCalls, kChannelsToken);
    for (const std::string& name :
         parts_.store.list(device::console_backends_path()).value_or(std::vector<std::string>{}))
        if (const auto id = number<std::uint16_t>(name)) note_all_of(DomId{*id});
    return look_at_changed();
}

bool Channels::take_event(const xen::StoreWatch::Event& event) {
    // The guest's end of one is watched under the path of its backend.
    const bool is_guests = event.token != kChannelsToken;
    std::string_view path = is_guests ? event.token : event.path;
    const std::string backends = device::console_backends_path();
    const std::string_view root = path.starts_with(device::kChannelCalls)
                                      ? device::kChannelCalls
                                      : std::string_view{backends};
    if (!path.starts_with(root)) return false;
    path.remove_prefix(std::min(root.size() + 1, path.size()));
    const auto guest = number<std::uint16_t>(take_part(path));
    const auto devid = number<unsigned>(take_part(path));
    if (guest && devid)
        note({DomId{*guest}, *devid}, {.is_ours = !is_guests, .is_guests = is_guests});
    else if (guest)
        note_all_of(DomId{*guest});
    return true;
}

void Channels::note(const Key& key, Change change) {
    if (key.second == 0) return; // console 0 has no handshake
    Change& noted = changed_[key];
    noted.is_ours |= change.is_ours;
    noted.is_guests |= change.is_guests;
}

/// A folder came or went with what is in it.
void Channels::note_all_of(DomId id) {
    for (const auto& [key, channel] : channels_)
        if (key.first == id) note(key, {.is_ours = true});
    for (const std::string& name :
         parts_.store.list(folder_of(id)).value_or(std::vector<std::string>{}))
        if (const auto devid = number<unsigned>(name)) note({id, *devid}, {.is_ours = true});
}

/// Those that are there first: one that goes makes room for its successor's socket.
bool Channels::look_at_changed() {
    const auto changed = std::exchange(changed_, {});
    for (const auto& [key, change] : changed)
        look_again(key, change);
    for (const auto& [key, change] : changed)
        if (!channels_.contains(key) && !refused_.contains(key)) look_at(key);
    return !refused_.empty();
}

bool Channels::retry_refused() {
    const auto refused = refused_; // look_at() changes it
    for (const Key& key : refused)
        look_at(key);
    return !refused_.empty();
}

void Channels::look_again(const Key& key, Change change) {
    const auto found = channels_.find(key);
    if (found == channels_.end()) return;
    if (change.is_ours) found->second->on_change();
    if (change.is_guests) found->second->on_guest_change();
    if (found->second->is_ended()) channels_.erase(found);
}

void Channels::look_at(const Key& key) {
    const Address address = address_of(key.first, key.second);
    try {
        consider(address);
    } catch (const std::exception& e) { // one is no reason to leave the others alone
        refuse(address, e);
    }
}

void Channels::consider(const Address& address) {
    const Key key{address.frontend, address.id};
    const std::string backend = backend_path(address);
    if (device::is_our_channel(parts_.store, address)) {
        if (parts_.store.read(backend + "/online") == "1")
            take_up(address);
        else // its toolstack waits for whoever served it, and nobody did
            set_backend_state(parts_.store, address, XenbusState::closed);
    }
    refused_.erase(key);
}

/// One guest has so many events, over however many channels.
std::shared_ptr<EventBrake> Channels::brake_of(DomId guest) const {
    const auto other = channels_.lower_bound({guest, 0});
    const bool has_other = other != channels_.end() && other->first.first == guest;
    return has_other ? other->second->brake() : std::make_shared<EventBrake>();
}

void Channels::take_up(const Address& address) {
    const auto info = hypervisor_.domain_info(address.frontend);
    if (!info || info->is_dying) return;
    const auto view = view_device(parts_.store, address);
    const auto channel = std::make_shared<Channel>(parts_, Domain{info->id, info->handle}, view,
                                                   brake_of(address.frontend));
    channel->start();
    channels_[{address.frontend, address.id}] = channel;
    log::info("{} is served at {}", channel->console().title(),
              view.connection == "socket" ? view.path : channel->console().tty());
}

/// A toolstack that has just made it waits to hear why.
void Channels::refuse(const Address& address, const std::exception& reason) {
    const Key key{address.frontend, address.id};
    if (!refused_.insert(key).second) return;
    log::warn("{}: {}", backend_path(address), reason.what());
    try {
        const auto state = parts_.store.read(backend_path(address) + "/state");
        if (!state || device::parse_state(*state) != XenbusState::initialising) return;
        report_error(parts_.store, address, reason.what());
        set_backend_state(parts_.store, address, XenbusState::closing);
    } catch (const std::exception& e) {
        log::warn("{}: {}", backend_path(address), e.what());
    }
}

void Channels::keep(const std::set<std::pair<DomId, Uuid>>& living) {
    for (auto it = channels_.begin(); it != channels_.end();) {
        const Domain& domain = it->second->console().domain();
        if (!living.contains({domain.id, domain.uuid})) it->second->end();
        it = it->second->is_ended() ? channels_.erase(it) : std::next(it);
    }
}

} // namespace pvh::console
