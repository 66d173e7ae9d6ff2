// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/list_devices.h"

#include "libdomain/core/log.h"
#include "libdomain/device/store_node.h"

#include <algorithm>
#include <charconv>
#include <tuple>

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

DeviceView view_of(xen::Store& store, const Address& device) {
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
                    .bridge = {}};
    if (device.kind == "vbd") {
        view.ring_ref = number_at(store, frontend + "/ring-ref");
        view.name = store.read(record + "/dev").value_or("");
        view.target = store.read(record + "/params").value_or("");
        view.is_writable = store.read(record + "/mode") == "w";
    } else if (device.kind == "vif") {
        view.tx_ring_ref = number_at(store, frontend + "/tx-ring-ref");
        view.rx_ring_ref = number_at(store, frontend + "/rx-ring-ref");
        view.mac = store.read(record + "/mac").value_or("");
        view.bridge = store.read(record + "/bridge").value_or("");
    }
    return view;
}

} // namespace

std::vector<Address> recorded_devices(xen::Store& store, DomId frontend) {
    std::vector<Address> devices;
    const std::string record = record_path(frontend) + "/device";
    for (const std::string& kind : store.list(record).value_or(std::vector<std::string>{})) {
        if (kind == "console") continue;
        const std::string folder = fmt::format("{}/{}", record, kind);
        for (const std::string& id : store.list(folder).value_or(std::vector<std::string>{})) {
            const auto path = store.read(fmt::format("{}/{}/backend", folder, id));
            const auto address = path ? parse_backend_path(*path) : std::nullopt;
            if (address && address->frontend == frontend)
                devices.push_back(*address);
            else
                log::warn("{}/{} names no backend of {}: leaving it", folder, id, frontend);
        }
    }
    std::sort(devices.begin(), devices.end(), [](const Address& a, const Address& b) {
        return std::tie(a.kind, a.id) < std::tie(b.kind, b.id);
    });
    return devices;
}

std::vector<DeviceView> list_devices(xen::Store& store, DomId frontend) {
    std::vector<DeviceView> views;
    for (const Address& device : recorded_devices(store, frontend))
        views.push_back(view_of(store, device));
    return views;
}

} // namespace pvh::device
