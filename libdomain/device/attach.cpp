// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/attach.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/device/channel.h"
#include "libdomain/device/detach.h"
#include "libdomain/device/disk.h"
#include "libdomain/device/nic.h"
#include "libdomain/device/p9.h"
#include "libdomain/device/qemu.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

namespace pvh::device {

namespace {

void require_known_kinds(const DomainSpec& spec) {
    if (spec.vtpms.empty()) return;
    throw Error{Errc::unsupported, "vtpm is not supported yet"}.with_hint(
        "remove vtpm to have the domain without");
}

Devices make_devices(const DomainSpec& spec) {
    require_known_kinds(spec);
    Devices devices;
    for (const DiskSpec& disk : spec.disks)
        devices.push_back(std::make_unique<Disk>(disk));
    for (const NicSpec& nic : numbered_nics(spec.nics))
        devices.push_back(std::make_unique<Nic>(nic, nic.devid.value(), spec.uuid.value()));
    for (unsigned i = 0; i < spec.p9.size(); ++i)
        devices.push_back(std::make_unique<P9>(spec.p9[i], i));
    for (std::size_t i = 0; i < spec.channels.size(); ++i)
        devices.push_back(std::make_unique<Channel>(spec.channels[i], channel_devid(i)));
    return devices;
}

/// Runs a part of the work on one device; its name goes into what that throws.
template <class Work> void on(const Device& device, Work work) {
    try {
        work();
    } catch (Error& e) {
        e.add_context(device.title());
        throw;
    }
}

/// In place of what an earlier domain of this number may have left.
void write_device(xen::Store& store, const Device& device, const Address& address) {
    StoreNodes nodes{{.path = record_path(address), .is_removed = true},
                     {.path = frontend_path(address), .is_removed = true},
                     {.path = backend_path(address), .is_removed = true}};
    for (StoreNode& node : describe_device(address, device.describe()))
        nodes.push_back(std::move(node));
    store.apply(nodes);
}

void plug_device(Device& device, HostDevices& host, xen::Store& store, const Address& address,
                 const std::optional<QemuProcess>& qemu) {
    on(device, [&] {
        if (is_served_by_qemu(address)) return host.await_qemu(store, address, qemu.value());
        host.await_backend(store, address);
        device.plug(host, store, address);
    });
}

// ---- while the domain runs

std::unique_ptr<Device> make_device(const DeviceSpec& spec, const Uuid& domain) {
    if (const auto* disk = std::get_if<DiskSpec>(&spec)) return std::make_unique<Disk>(*disk);
    const auto& nic = std::get<NicSpec>(spec);
    return std::make_unique<Nic>(nic, nic.devid.value(), domain);
}

/// Owner of a device that is not attached yet.
class NascentDevice {
  public:
    /// Writes the nodes: from here on the backend works.
    NascentDevice(HostDevices& host, xen::Store& store, std::unique_ptr<Device> device,
                  const Address& address)
        : host_{host}, store_{store}, device_{std::move(device)}, address_{address} {
        // First, so that what it has printed until now is not taken for what it says of this
        // device.
        if (is_served_by_qemu(address_)) qemu_ = host_.start_qemu(store_, address_.frontend);
        store.transact([&](xen::Store& inside) {
            if (inside.list(record_path(address)))
                throw Error{Errc::already_exists,
                            fmt::format("{} has one already", address.frontend)};
            write_device(inside, *device_, address);
            mark_unfinished(inside, address);
        });
    }

    NascentDevice(const NascentDevice&) = delete;
    NascentDevice& operator=(const NascentDevice&) = delete;

    ~NascentDevice() {
        if (is_committed_) return;
        device_.reset(); // what we hold, no backend can let go of
        try {
            remove_device(host_, store_, address_);
        } catch (const std::exception& e) {
            log::error("{} remains after it could not be attached: {}", record_path(address_),
                       e.what());
        }
    }

    void plug() { plug_device(*device_, host_, store_, address_, qemu_); }

    void commit() {
        mark_finished(store_, address_);
        is_committed_ = true;
    }

  private:
    HostDevices& host_;
    xen::Store& store_;
    std::unique_ptr<Device> device_;
    Address address_;
    std::optional<QemuProcess> qemu_;
    bool is_committed_{false};
};

} // namespace

Devices prepare_devices(const DomainSpec& spec, HostDevices& host, xen::Store& store) {
    Devices devices = make_devices(spec);
    for (const auto& device : devices)
        on(*device, [&] { device->prepare(host, store); });
    return devices;
}

std::optional<QemuProcess> announce_devices(const Devices& devices, HostDevices& host,
                                            xen::Store& store, DomId frontend) {
    if (devices.empty()) return std::nullopt;
    store.transact([&](xen::Store& inside) {
        for (const auto& device : devices)
            write_device(inside, *device, device->address(frontend));
    });
    if (std::any_of(devices.begin(), devices.end(), [&](const auto& device) {
            return device->address(frontend).kind == "console";
        }))
        call_for_channels(store, frontend);
    const bool needs_qemu = std::any_of(devices.begin(), devices.end(), [&](const auto& device) {
        return is_served_by_qemu(device->address(frontend));
    });
    if (!needs_qemu) return std::nullopt;
    return host.start_qemu(store, frontend);
}

void plug_devices(const Devices& devices, HostDevices& host, xen::Store& store, DomId frontend,
                  const std::optional<QemuProcess>& qemu) {
    for (const auto& device : devices)
        plug_device(*device, host, store, device->address(frontend), qemu);
}

Address attach_device(const DeviceSpec& spec, const Uuid& domain, HostDevices& host,
                      xen::Store& store, DomId frontend) {
    std::unique_ptr<Device> device = make_device(spec, domain);
    const std::string title = device->title();
    on(*device, [&] { device->prepare(host, store); });
    const Address address = device->address(frontend);
    try {
        NascentDevice nascent{host, store, std::move(device), address};
        nascent.plug();
        nascent.commit();
        return address;
    } catch (Error& e) {
        e.add_context(title);
        throw;
    }
}

} // namespace pvh::device
