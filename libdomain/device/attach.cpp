// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/attach.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/device/channel.h"
#include "libdomain/device/detach.h"
#include "libdomain/device/disk.h"
#include "libdomain/device/hotplug_script.h"
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

/// Runs a part of the work on one device, whose name goes into what that throws: once, so a part
/// that is run so runs none of its own.
template <class Work> void on(const std::string& title, Work work) {
    try {
        work();
    } catch (Error& e) {
        e.add_context(title);
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
    if (is_served_by_qemu(address)) return host.await_qemu(store, address, qemu.value());
    host.await_backend(store, address);
    device.plug(host, store, address);
}

// ---- while the domain runs

std::unique_ptr<Device> make_device(const DeviceSpec& spec, const Uuid& domain) {
    if (const auto* disk = std::get_if<DiskSpec>(&spec)) return std::make_unique<Disk>(*disk);
    const auto& nic = std::get<NicSpec>(spec);
    return std::make_unique<Nic>(nic, nic.devid.value(), domain);
}

/// Owner of the QEMU that is started for a device, if the domain has had none.
class NascentQemu {
  public:
    NascentQemu(HostDevices& host, xen::Store& store, DomId frontend)
        : host_{host}, store_{store}, frontend_{frontend}, is_ours_{!has_qemu(store, frontend)} {}

    NascentQemu(const NascentQemu&) = delete;
    NascentQemu& operator=(const NascentQemu&) = delete;

    ~NascentQemu() {
        if (!is_ours_) return;
        try {
            stop_qemu(host_, store_, frontend_);
        } catch (const std::exception& e) {
            log::error("the QEMU of {} remains: {}", frontend_, e.what());
        }
    }

    QemuProcess start() { return start_qemu(host_, store_, frontend_); }

    void commit() { is_ours_ = false; }

  private:
    HostDevices& host_;
    xen::Store& store_;
    DomId frontend_;
    bool is_ours_;
};

/// Owner of a device that is not attached yet.
class NascentDevice {
  public:
    /// Writes the nodes: from here on the backend works.
    NascentDevice(HostDevices& host, xen::Store& store, std::unique_ptr<Device> device,
                  const Address& address)
        : host_{host}, store_{store}, device_{std::move(device)}, address_{address} {
        // First, so that what it has printed until now is not taken for what it says of this
        // device.
        if (is_served_by_qemu(address_)) {
            nascent_qemu_.emplace(host_, store_, address_.frontend);
            qemu_ = nascent_qemu_->start();
        }
        store.transact([&](xen::Store& inside) {
            if (inside.list(record_path(address)))
                throw Error{Errc::already_exists,
                            fmt::format("{} has one already", address.frontend)};
            write_device(inside, *device_, address);
            mark_unfinished(inside, address);
            script_ = own_script(inside, address);
        });
    }

    NascentDevice(const NascentDevice&) = delete;
    NascentDevice& operator=(const NascentDevice&) = delete;

    ~NascentDevice() {
        if (is_committed_) return;
        device_.reset(); // what we hold, no backend can let go of
        try {
            remove_device(host_, store_, address_, script_);
        } catch (const std::exception& e) {
            log::error("{} remains after it could not be attached: {}", record_path(address_),
                       e.what());
        }
    }

    void plug() { plug_device(*device_, host_, store_, address_, qemu_); }

    /// Another toolstack may have ended the domain, and this device with it: one that it did not
    /// see whole it cannot have cleaned up.
    void commit() {
        store_.transact([&](xen::Store& inside) {
            if (!is_unfinished(inside, address_))
                throw Error{Errc::not_found,
                            fmt::format("somebody else has ended {} meanwhile", address_.frontend)};
            mark_finished(inside, address_);
        });
        is_committed_ = true;
        if (nascent_qemu_) nascent_qemu_->commit();
    }

  private:
    HostDevices& host_;
    xen::Store& store_;
    std::unique_ptr<Device> device_;
    Address address_;
    std::string script_; // the record may go before it has run
    std::optional<NascentQemu> nascent_qemu_;
    std::optional<QemuProcess> qemu_;
    bool is_committed_{false};
};

} // namespace

Devices prepare_devices(const DomainSpec& spec, HostDevices& host, xen::Store& store) {
    Devices devices = make_devices(spec);
    for (const auto& device : devices)
        on(device->title(), [&] { device->prepare(host, store); });
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
    return start_qemu(host, store, frontend);
}

void plug_devices(const Devices& devices, HostDevices& host, xen::Store& store, DomId frontend,
                  const std::optional<QemuProcess>& qemu) {
    for (const auto& device : devices)
        on(device->title(),
           [&] { plug_device(*device, host, store, device->address(frontend), qemu); });
}

Address attach_device(const DeviceSpec& spec, const Uuid& domain, HostDevices& host,
                      xen::Store& store, DomId frontend) {
    std::unique_ptr<Device> device = make_device(spec, domain);
    Address address;
    on(device->title(), [&] {
        device->prepare(host, store);
        address = device->address(frontend);
        NascentDevice nascent{host, store, std::move(device), address};
        nascent.plug();
        nascent.commit();
    });
    return address;
}

} // namespace pvh::device
