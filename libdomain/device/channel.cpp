// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/channel.h"

#include "libdomain/core/error.h"
#include "libdomain/device/console.h"
#include "libdomain/spec/device_rules.h"

#include <utility>

#include <fmt/format.h>

namespace pvh::device {

namespace {

constexpr const char* kServiceFolder = "/tool/pvhconsoled";

} // namespace

Channel::Channel(ChannelSpec spec, unsigned devid) : spec_{std::move(spec)}, devid_{devid} {
    if (auto lack = unsupported_in(spec_))
        throw Error{Errc::unsupported, fmt::format("channel {}: {}", spec_.name, lack->message)}
            .with_hint(std::move(lack->hint));
}

Address Channel::address(DomId frontend) const {
    return {.kind = "console", .id = devid_, .frontend = frontend};
}

std::string Channel::title() const {
    return "channel " + spec_.name;
}

void Channel::prepare(HostDevices& host, xen::Store& /*store*/) {
    host.require_backend("console");
}

// xl's `type`, "ioemu", would have a QEMU take the channel up, as its `output` names a QEMU's
// character device and its `limit` a QEMU's buffer: what is said here is for ours.
DeviceKeys Channel::describe() const {
    const std::string type{type_of(ConsoleService::pvhconsoled)};
    DeviceKeys keys;
    keys.backend = {{"protocol", "vt100"},
                    {"name", spec_.name},
                    {"connection", std::string{word_of(spec_.connection)}},
                    {"type", type}};
    if (spec_.connection == ChannelConnection::socket)
        keys.backend.emplace_back("path", spec_.path);
    keys.frontend = {{"protocol", "vt100"}};
    keys.read_only_frontend = {{"name", spec_.name}, {"type", type}, {"tty", ""}};
    return keys;
}

bool is_our_channel(xen::Store& store, const Address& device) {
    return device.kind == "console" && device.id != 0 &&
           store.read(record_path(device) + "/type") == type_of(ConsoleService::pvhconsoled);
}

void call_for_channels(xen::Store& store, DomId frontend) {
    const std::string call = fmt::format("{}/{}", kChannelCalls, frontend.value());
    store.apply(StoreNodes{{call, ""}, {.path = kServiceFolder, .is_removed = true}});
}

} // namespace pvh::device
