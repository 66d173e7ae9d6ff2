// SPDX-License-Identifier: LGPL-2.1-or-later
// device.list
#include "daemon/select.h"
#include "daemon/status.h"
#include "daemon/verbs.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/domain.h"

#include <functional>
#include <utility>

namespace pvh::daemon::verbs {

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
        result.devices.push_back(make_status(view));
    co_return result;
}

} // namespace pvh::daemon::verbs
