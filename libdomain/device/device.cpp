// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/device.h"

#include <fmt/format.h>

namespace pvh::device {

namespace {

void add_keys(StoreNodes& nodes, const std::string& folder, const Keys& keys) {
    for (const auto& [key, value] : keys)
        nodes.push_back({fmt::format("{}/{}", folder, key), value});
}

/// With what every backend has.
Keys backend_keys(const Address& device, const DeviceKeys& keys) {
    Keys all{{"frontend", frontend_path(device)},
             {"frontend-id", fmt::format("{}", device.frontend.value())},
             {"online", "1"},
             {"state", "1"}};
    all.insert(all.end(), keys.backend.begin(), keys.backend.end());
    return all;
}

} // namespace

StoreNodes describe_device(const Address& device, const DeviceKeys& keys) {
    const std::string record = record_path(device);
    const std::string frontend = frontend_path(device);
    const std::string backend = backend_path(device);
    const Keys of_backend = backend_keys(device, keys);

    StoreNodes nodes{{record + "/frontend", frontend}, {record + "/backend", backend}};
    add_keys(nodes, record, {of_backend.begin() + 1, of_backend.end()});
    add_keys(nodes, record, keys.recorded);

    nodes.push_back({frontend, "", owned_and_shown(device.frontend, device.backend)});
    add_keys(nodes, frontend,
             {{"backend", backend},
              {"backend-id", fmt::format("{}", device.backend.value())},
              {"state", "1"}});
    add_keys(nodes, frontend, keys.frontend);
    for (const auto& [key, value] : keys.read_only_frontend)
        nodes.push_back({fmt::format("{}/{}", frontend, key), value,
                         xen::Permissions{{device.backend, xen::Access::none},
                                          {device.frontend, xen::Access::read}}});

    nodes.push_back({backend, "",
                     xen::Permissions{{device.backend, xen::Access::none},
                                      {device.frontend, xen::Access::read}}});
    add_keys(nodes, backend, of_backend);
    add_keys(nodes, backend, keys.plugged);
    return nodes;
}

} // namespace pvh::device
