// SPDX-License-Identifier: LGPL-2.1-or-later
// device.attach and device.detach
//
// Whenever pvhd dies, the next one makes spec and devices agree again (adopt.cpp): a device comes
// into the state file before it comes to the guest, and is on record as unfinished until it is
// there; it leaves the state file after it has left the guest.
#include "config/read_device.h"
#include "daemon/act.h"
#include "daemon/host_watcher.h"
#include "daemon/qemu_watch.h"
#include "daemon/select.h"
#include "daemon/status.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/device/attach.h"
#include "libdomain/device/detach.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/domain.h"
#include "libdomain/spec/validate.h"
#include "rpc/protocol_error.h"

#include <exception>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon::verbs {

namespace {

using device::Address;
using device::DeviceSpec;
using device::DeviceView;

struct Wanted {
    DeviceSpec device;
    std::vector<std::string> warnings;
};

Wanted read_device(const rpc::AttachParams& params) {
    if (!params.directory.empty() && params.directory.front() != '/')
        throw rpc::InvalidParams{"member \"directory\" must be an absolute path"};
    config::ReadResult read = params.disk
                                  ? config::read_device("disk", *params.disk, params.directory)
                                  : config::read_device("vif", *params.vif, params.directory);
    Wanted wanted{.device = {}, .warnings = std::move(read.warnings)};
    if (params.disk)
        wanted.device = std::move(read.spec.disks.at(0));
    else
        wanted.device = std::move(read.spec.nics.at(0));
    return wanted;
}

Task<Record> find_ours(Toolstack& toolstack, rpc::Selector selector) {
    Record record = co_await find_guest(toolstack, std::move(selector));
    if (!record.is_managed())
        throw Error{Errc::unsupported,
                    fmt::format("{} was made by another toolstack", record.domain.id)}
            .with_hint("its devices come and go by the toolstack that made it: xl");
    co_return record;
}

/// The spec as it is now: under its operation a domain may still be renamed.
DomainSpec spec_of(const Toolstack& toolstack, const Domain& domain) {
    const Record* record = toolstack.registry.find(domain.id);
    if (record == nullptr || record->domain != domain || !record->is_managed())
        throw Error{Errc::not_found, fmt::format("{} is gone", domain.id)};
    return *record->spec;
}

void report_device(Toolstack& toolstack, rpc::EventType type, const Record& record,
                   const DeviceView& view) {
    rpc::EventData data;
    data.device = title_of(view);
    toolstack.report(type, record.domain, record.name, std::move(data));
}

/// The device is away, whatever becomes of the file.
void drop_from_spec(Toolstack& toolstack, const Domain& domain, const Address& address) {
    try {
        DomainSpec spec = device::without_device(spec_of(toolstack, domain), address);
        toolstack.registry.set_spec(domain.id, spec);
        toolstack.states.save(
            {.phase = Phase::complete, .spec = std::move(spec), .domid = domain.id});
    } catch (const Error& e) {
        log::error("{} uuid={}: a device that is gone stays in its state file: {}", domain.id,
                   to_string(domain.uuid), e.what());
    }
}

Task<std::vector<Address>> list_present(Toolstack& toolstack, Domain domain) {
    std::function<std::vector<Address>(WorkerContext&)> job = [domain](WorkerContext& context) {
        require_running(context.hypervisor, domain);
        return device::recorded_devices(context.store, domain.id);
    };
    return toolstack.queries.run(std::move(job));
}

Address address_of(const DeviceSpec& device, DomId frontend) {
    DomainSpec alone;
    alone = device::with_device(std::move(alone), device);
    return device::addresses_of(alone, frontend).at(0);
}

DeviceView attach_now(WorkerContext& context, const Domain& domain, const DeviceSpec& device) {
    require_running(context.hypervisor, domain);
    const Address address =
        device::attach_device(device, domain.uuid, context.devices, context.store, domain.id);
    return device::view_device(context.store, address);
}

/// Attaches, with the device in the domain's spec; if that fails it is in neither.
Task<DeviceView> attach_and_keep(Toolstack& toolstack, Domain domain, DeviceSpec device) {
    const std::vector<Address> present = co_await list_present(toolstack, domain);
    DomainSpec spec = device::only_present(spec_of(toolstack, domain), domain.id, present);
    device = device::numbered(std::move(device), spec, present);
    spec = device::with_device(std::move(spec), device);
    require_valid(spec);
    keep_spec(toolstack, domain, std::move(spec));
    std::function<DeviceView(WorkerContext&)> job = [domain, device](WorkerContext& context) {
        return attach_now(context, domain, device);
    };
    std::exception_ptr failure; // a handler cannot await
    DeviceView view;
    try {
        view = co_await toolstack.builders.run(std::move(job));
    } catch (const Error&) {
        failure = std::current_exception();
    }
    if (failure) {
        drop_from_spec(toolstack, domain, address_of(device, domain.id));
        std::rethrow_exception(failure);
    }
    if (const Record* record = toolstack.registry.find(domain.id)) toolstack.qemus->follow(*record);
    co_return view;
}

struct Parting {
    std::optional<std::string> disk, vif;
    bool is_forced{};
    std::chrono::milliseconds limit{};
};

/// A device that is away for the guest and the toolstack.
struct Parted {
    DeviceView view;
    bool is_closed{}; // and for its backend
};

Parted detach_now(WorkerContext& context, const Domain& domain, const Parting& parting) {
    require_alive(context.hypervisor, domain);
    Parted parted{.view = parting.disk
                              ? device::find_disk(context.store, domain.id, *parting.disk)
                              : device::find_nic(context.store, domain.id, parting.vif.value())};
    const DeviceView& view = parted.view;
    if (parting.is_forced) {
        parted.is_closed = device::remove_device(context.devices, context.store, view.address);
        return parted;
    }
    require_running(context.hypervisor, domain);
    try {
        parted.is_closed =
            device::detach_device(context.devices, context.store, view.address, parting.limit);
    } catch (Error& e) {
        e.add_context(fmt::format("{} of {}", title_of(view), domain.id));
        throw;
    }
    return parted;
}

/// Nothing if its backend has let go.
std::vector<std::string> warnings_on(const Parted& parted) {
    if (parted.is_closed) return {};
    const std::string use = is_disk(parted.view.address)
                                ? fmt::format("may still write to {}", parted.view.target)
                                : "may still use it";
    return {fmt::format("warning: {}: its backend did not let go in {} s: it {}",
                        title_of(parted.view), device::kCloseLimit.count(), use)};
}

rpc::DeviceResult result_of(const Record& record, const DeviceView& view,
                            std::vector<std::string> warnings) {
    return {.domain = identity_of(record),
            .device = make_status(view),
            .warnings = std::move(warnings)};
}

} // namespace

Task<rpc::DeviceResult> attach(Call call, rpc::AttachParams params) {
    Toolstack& toolstack = call.toolstack;
    Wanted wanted = read_device(params);
    const Record record = co_await find_ours(toolstack, std::move(params.domain));
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::attach, call.peer->describe());
    // Whoever ended the domain meanwhile was passed over: it was being worked on.
    const ScopeExit look{[&] { toolstack.watcher->request_rescan(); }};
    const DeviceView view =
        co_await attach_and_keep(toolstack, record.domain, std::move(wanted.device));
    log::info("{} \"{}\" uuid={}: {} attached", record.domain.id, printable(record.name),
              to_string(record.domain.uuid), title_of(view));
    report_device(toolstack, rpc::EventType::device_attached, record, view);
    co_return result_of(record, view, std::move(wanted.warnings));
}

Task<rpc::DeviceResult> detach(Call call, rpc::DetachParams params) {
    Toolstack& toolstack = call.toolstack;
    const Record record = co_await find_ours(toolstack, std::move(params.domain));
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::detach, call.peer->describe());
    // Whoever ended the domain meanwhile was passed over: it was being worked on.
    const ScopeExit look{[&] { toolstack.watcher->request_rescan(); }};
    const Parting parting{.disk = params.disk,
                          .vif = params.vif,
                          .is_forced = params.force,
                          .limit = std::chrono::milliseconds{params.timeout_ms}};
    std::function<Parted(WorkerContext&)> job = [domain = record.domain,
                                                 parting](WorkerContext& context) {
        return detach_now(context, domain, parting);
    };
    const Parted parted = co_await toolstack.builders.run(std::move(job));
    const DeviceView& view = parted.view;
    drop_from_spec(toolstack, record.domain, view.address);
    report_device(toolstack, rpc::EventType::device_detached, record, view);
    log::info("{} \"{}\" uuid={}: {} detached{}", record.domain.id, printable(record.name),
              to_string(record.domain.uuid), title_of(view), params.force ? " by force" : "");
    co_return result_of(record, view, warnings_on(parted));
}

} // namespace pvh::daemon::verbs
