// SPDX-License-Identifier: LGPL-2.1-or-later
// device.list
#include "daemon/select.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/domain.h"

#include <functional>
#include <utility>

namespace pvh::daemon::verbs {

namespace {

constexpr std::size_t kMostText = 4096; // of a path

rpc::DeviceStatus status_of(const device::DeviceView& view) {
    return {.kind = guest_text(view.address.kind, kMostText),
            .devid = view.address.id,
            .backend_domid = view.address.backend.value(),
            .backend_path = guest_text(backend_path(view.address), kMostText),
            .state = static_cast<unsigned>(view.state),
            .backend_state = static_cast<unsigned>(view.backend_state),
            .event_channel = view.event_channel,
            .ring_ref = view.ring_ref,
            .tx_ring_ref = view.tx_ring_ref,
            .rx_ring_ref = view.rx_ring_ref,
            .vdev = guest_text(view.name, kMostText),
            .target = guest_text(view.target, kMostText),
            .writable = view.is_writable,
            .mac = guest_text(view.mac, kMostText),
            .bridge = guest_text(view.bridge, kMostText)};
}

} // namespace

Task<rpc::DevicesResult> devices(Call call, rpc::Selector selector) {
    Toolstack& toolstack = call.toolstack;
    const Record record = co_await find_guest(toolstack, std::move(selector));
    std::function<std::vector<device::DeviceView>(WorkerContext&)> job =
        [domain = record.domain](WorkerContext& context) {
            require_alive(context.hypervisor, domain);
            return device::list_devices(context.store, domain.id);
        };
    const auto views = co_await toolstack.queries.run(std::move(job));
    rpc::DevicesResult result;
    result.domain = {record.domain.uuid, record.name, record.domain.id.value()};
    for (const device::DeviceView& view : views)
        result.devices.push_back(status_of(view));
    co_return result;
}

} // namespace pvh::daemon::verbs
