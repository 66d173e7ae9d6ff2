// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/list_devices.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/device/store_node.h"
#include "libdomain/spec/device_rules.h"
#include "libdomain/spec/vdev.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

namespace pvh::device {

namespace {

std::optional<std::uint32_t> number_at(xen::Store& store, const std::string& path) {
    const auto text = store.read(path);
    if (!text) return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
    return value;
}

XenbusState state_at(xen::Store& store, const std::string& folder) {
    return parse_state(store.read(folder + "/state").value_or(""));
}

std::optional<unsigned> parse_devid(std::string_view text) {
    unsigned devid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), devid);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return devid;
}

} // namespace

std::vector<Address> recorded_devices(xen::Store& store, DomId frontend) {
    std::vector<Address> devices;
    const std::string record = record_path(frontend) + "/device";
    auto kinds = store.list(record).value_or(std::vector<std::string>{});
    std::sort(kinds.begin(), kinds.end());
    for (const std::string& kind : kinds) {
        const std::string folder = fmt::format("{}/{}", record, kind);
        for (const std::string& id : store.list(folder).value_or(std::vector<std::string>{})) {
            if (kind == "console" && id == "0") continue; // it has no handshake
            const auto path = store.read(fmt::format("{}/{}/backend", folder, id));
            const auto address = path ? parse_backend_path(*path) : std::nullopt;
            if (address && address->frontend == frontend)
                devices.push_back(*address);
            else
                log::warn("{}/{} names no backend of {}: leaving it", folder, id, frontend);
        }
    }
    return devices;
}

std::vector<DeviceView> list_devices(xen::Store& store, DomId frontend) {
    std::vector<DeviceView> views;
    for (const Address& device : recorded_devices(store, frontend))
        views.push_back(view_device(store, device));
    return views;
}

DeviceView view_device(xen::Store& store, const Address& device) {
    const std::string frontend = frontend_path(device);
    const std::string record = record_path(device);
    DeviceView view{.address = device,
                    .state = state_at(store, frontend),
                    .backend_state = state_at(store, backend_path(device)),
                    .event_channel = number_at(store, frontend + "/event-channel"),
                    .ring_ref = {},
                    .tx_ring_ref = {},
                    .rx_ring_ref = {},
                    .name = {},
                    .target = {},
                    .mac = {},
                    .bridge = {},
                    .connection = {},
                    .path = {}};
    if (is_disk(device)) {
        view.ring_ref = number_at(store, frontend + "/ring-ref");
        view.name = store.read(record + "/dev").value_or("");
        view.target = store.read(record + "/params").value_or("");
        if (device.kind == "qdisk") // behind its format
            view.target.erase(0, view.target.find(':') + 1);
        view.is_writable = store.read(record + "/mode") == "w";
    } else if (device.kind == "vif") {
        view.tx_ring_ref = number_at(store, frontend + "/tx-ring-ref");
        view.rx_ring_ref = number_at(store, frontend + "/rx-ring-ref");
        view.mac = store.read(record + "/mac").value_or("");
        view.bridge = store.read(record + "/bridge").value_or("");
    } else if (device.kind == "9pfs") {
        view.target = store.read(record + "/path").value_or("");
    } else if (device.kind == "console") {
        view.event_channel = number_at(store, frontend + "/port");
        view.ring_ref = number_at(store, frontend + "/ring-ref");
        view.name = store.read(record + "/name").value_or("");
        view.connection = store.read(record + "/connection").value_or("");
        // The guest cannot write its `tty`, only remove all of the folder.   [XSA-175]
        view.path = store.read(view.connection == "pty" ? frontend + "/tty" : record + "/path")
                        .value_or("");
    }
    return view;
}

DeviceView find_disk(xen::Store& store, DomId frontend, const std::string& vdev) {
    const auto number = parse_vdev(vdev);
    if (!number)
        throw Error{Errc::invalid_config, fmt::format("\"{}\" is no name of a disk", vdev)}
            .with_hint("want xvda, xvdb, ... or its number");
    for (const Address& device : recorded_devices(store, frontend))
        if (is_disk(device) && device.id == *number) return view_device(store, device);
    throw Error{Errc::not_found, fmt::format("{} has no disk {}", frontend, vdev)}.with_hint(
        "pvhctl block-list shows those it has");
}

DeviceView find_nic(xen::Store& store, DomId frontend, const std::string& devid_or_mac) {
    const auto devid = parse_devid(devid_or_mac);
    if (!devid && devid_or_mac.find(':') == std::string::npos)
        throw Error{Errc::invalid_config,
                    fmt::format("\"{}\" is neither number nor MAC of an interface", devid_or_mac)}
            .with_hint("want 0, 1, ... or 00:16:3e:xx:xx:xx");
    for (const DeviceView& device : list_devices(store, frontend)) {
        if (device.address.kind != "vif") continue;
        if (devid ? device.address.id == *devid : is_same_mac(device.mac, devid_or_mac))
            return device;
    }
    throw Error{Errc::not_found, fmt::format("{} has no interface {}", frontend, devid_or_mac)}
        .with_hint("pvhctl network-list shows those it has");
}

std::string title_of(const DeviceView& device) {
    if (is_disk(device.address)) return "disk " + device.name;
    if (device.address.kind == "console") return "channel " + device.name;
    if (device.address.kind == "9pfs") return "p9 " + device.target;
    return fmt::format("{} {}", device.address.kind, device.address.id);
}

} // namespace pvh::device
