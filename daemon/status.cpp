// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/status.h"

#include "daemon/endings.h"
#include "daemon/host_watcher.h"
#include "daemon/pool.h"
#include "daemon/text.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace pvh::daemon {

namespace {

constexpr std::size_t kMostText = 4096; // of a path
constexpr std::uint64_t kKibPerPage = kPageSize / 1024;

/// One word for what xl shows as six letters.
std::string state_word(const xen::DomainInfo& info) {
    if (info.is_dying) return "dying";
    if (info.is_shutdown) return "shutdown";
    if (info.is_paused) return "paused";
    if (info.is_running) return "running";
    if (info.is_blocked) return "blocked";
    return "idle";
}

void add_what_we_know(rpc::DomainStatus& status, const xen::DomainInfo& info,
                      const Registry& registry) {
    const Record* record = registry.find(info.id);
    if (record != nullptr && record->domain.uuid == info.handle) {
        status.domain.name = record->name;
        status.managed = record->is_managed();
        status.remark = record->remark;
    }
    const auto* operation = info.is_dying ? nullptr : registry.operation_on(info.handle);
    if (operation == nullptr) return;
    status.operation = to_string(operation->op);
    if (!operation->remark.empty()) status.remark = operation->remark;
    if (record != nullptr) return;
    status.domain.name = operation->name; // half-built: no record yet
    status.managed = true;
}

using Infos = std::vector<xen::DomainInfo>;

/// Whether the index lacks one.
bool has_unknown(const Infos& infos, const Registry& registry) {
    return std::any_of(infos.begin(), infos.end(), [&](const xen::DomainInfo& info) {
        return registry.find(info.id) == nullptr && registry.operation_on(info.handle) == nullptr;
    });
}

} // namespace

rpc::DomainStatus make_status(const xen::DomainInfo& info, const Registry& registry) {
    rpc::DomainStatus status;
    status.domain = {info.handle, "", info.id.value()};
    status.state = state_word(info);
    status.running = info.is_running;
    status.blocked = info.is_blocked;
    status.paused = info.is_paused;
    status.shutdown = info.is_shutdown;
    status.dying = info.is_dying;
    if (info.is_shutdown) status.shutdown_reason = shutdown_word(info.shutdown_reason);
    status.memory_kib = info.pages.value() * kKibPerPage;
    status.max_memory_kib = info.max_pages.value() * kKibPerPage;
    status.outstanding_kib = info.outstanding_claims.value() * kKibPerPage;
    status.vcpus_online = info.online_vcpus;
    status.max_vcpus = info.max_vcpu_id + 1;
    status.cpu_time_ns = info.cpu_time_ns;
    status.cpupool = info.cpupool;
    add_what_we_know(status, info, registry);
    return status;
}

rpc::DomainStatus make_status(const Uuid& uuid, const Registry::Operation& restart) {
    rpc::DomainStatus status;
    status.domain = {uuid, restart.name, kNoDomain.value()};
    status.state = "restarting";
    status.managed = true;
    status.operation = to_string(restart.op);
    status.remark = restart.remark;
    return status;
}

rpc::DeviceStatus make_status(const device::DeviceView& view) {
    const bool is_channel = view.address.kind == "console";
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
            .vdev = guest_text(is_channel ? "" : view.name, kMostText),
            .target = guest_text(view.target, kMostText),
            .writable = view.is_writable,
            .mac = guest_text(view.mac, kMostText),
            .bridge = guest_text(view.bridge, kMostText),
            .name = guest_text(is_channel ? view.name : "", kMostText),
            .connection = guest_text(view.connection, kMostText),
            .path = guest_text(view.path, kMostText)};
}

Task<std::vector<xen::DomainInfo>> list_domains(Toolstack& toolstack) {
    std::function<Infos(WorkerContext&)> job = [](WorkerContext& context) {
        return context.hypervisor.list_domains();
    };
    Infos infos = co_await toolstack.queries.run(std::move(job));
    std::erase_if(infos, [&](const auto& info) { return toolstack.pool->owns(info.handle); });
    if (has_unknown(infos, toolstack.registry)) co_await toolstack.watcher->rescan();
    co_return infos;
}

} // namespace pvh::daemon
