// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/attach.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/device/disk.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/device/nic.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace pvh::device {

namespace {

/// What xl waits for a backend to close.   [libxl_internal.h LIBXL_DESTROY_TIMEOUT]
constexpr std::chrono::seconds kCloseLimit{10};

void require_known_kinds(const DomainSpec& spec) {
    const auto refuse = [](std::string_view what) {
        throw Error{Errc::unsupported, fmt::format("{} is not supported yet", what)}.with_hint(
            fmt::format("remove {} to have the domain without", what));
    };
    if (!spec.channels.empty()) refuse("channel");
    if (!spec.p9.empty()) refuse("p9");
    if (!spec.vtpms.empty()) refuse("vtpm");
}

/// The numbers that no interface was given, ascending.
class FreeDevids {
  public:
    explicit FreeDevids(const std::vector<NicSpec>& nics) {
        for (const NicSpec& nic : nics)
            if (nic.devid) taken_.insert(*nic.devid);
    }

    unsigned take() {
        while (taken_.contains(next_))
            ++next_;
        return next_++;
    }

  private:
    std::set<unsigned> taken_;
    unsigned next_ = 0;
};

Devices make_devices(const DomainSpec& spec) {
    require_known_kinds(spec);
    Devices devices;
    for (const DiskSpec& disk : spec.disks)
        devices.push_back(std::make_unique<Disk>(disk));
    FreeDevids devids{spec.nics};
    for (const NicSpec& nic : spec.nics)
        devices.push_back(
            std::make_unique<Nic>(nic, nic.devid ? *nic.devid : devids.take(), spec.uuid.value()));
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

// ---- taking away

/// Without its frontend a backend lets go whatever the guest does. One that was not taken up yet is
/// passed over in this state.   [xenbus_probe_node]
void tell_to_close(xen::Store& store, const Address& device) {
    store.remove(frontend_path(device));
    const std::string backend = backend_path(device);
    const auto state = store.read(backend + "/state");
    if (!state) return;
    store.write(backend + "/online", "0");
    if (parse_state(*state) != XenbusState::closed)
        store.write(backend + "/state",
                    fmt::format("{}", static_cast<unsigned>(XenbusState::closing)));
}

void close_all(HostDevices& host, xen::Store& store, std::vector<Address> devices) {
    store.transact([&](xen::Store& inside) {
        for (const Address& device : devices)
            tell_to_close(inside, device);
    });
    std::erase_if(devices, [&](const Address& device) { return !host.has_backend(device); });
    const auto deadline = std::chrono::steady_clock::now() + kCloseLimit;
    for (const Address& device : devices) {
        const auto left = std::max(std::chrono::steady_clock::duration::zero(),
                                   deadline - std::chrono::steady_clock::now());
        if (!host.await_closed(store, device,
                               std::chrono::duration_cast<std::chrono::milliseconds>(left)))
            log::warn("{}: its backend does not close: removing its nodes", backend_path(device));
    }
}

/// Removes a node, and the folders above it that it leaves empty, up to `levels` of them.
void remove_and_prune(xen::Store& store, std::string path, unsigned levels) {
    store.remove(path);
    for (; levels > 0; --levels) {
        path.resize(path.rfind('/'));
        const auto rest = store.list(path);
        if (!rest || !rest->empty()) return;
        store.remove(path);
    }
}

void remove_nodes(xen::Store& store, const Address& device) {
    store.remove(frontend_path(device));
    remove_and_prune(store, backend_path(device), 2);
    if (store.list(error_path(device))) remove_and_prune(store, error_path(device), 4);
    store.remove(record_path(device));
}

} // namespace

Devices prepare_devices(const DomainSpec& spec, HostDevices& host, xen::Store& store) {
    Devices devices = make_devices(spec);
    for (const auto& device : devices)
        on(*device, [&] { device->prepare(host, store); });
    return devices;
}

void announce_devices(const Devices& devices, xen::Store& store, DomId frontend) {
    if (devices.empty()) return;
    store.transact([&](xen::Store& inside) {
        for (const auto& device : devices) {
            const Address address = device->address(frontend);
            for (const std::string& path :
                 {record_path(address), frontend_path(address), backend_path(address)})
                inside.remove(path); // of an earlier domain of this number
            write_nodes(inside, describe_device(address, device->describe()));
        }
    });
}

void plug_devices(const Devices& devices, HostDevices& host, xen::Store& store, DomId frontend) {
    for (const auto& device : devices) {
        const Address address = device->address(frontend);
        on(*device, [&] {
            host.await_backend(store, address);
            device->plug(host, store, address);
        });
    }
}

void remove_devices(HostDevices& host, xen::Store& store, DomId frontend) {
    const std::vector<Address> devices = recorded_devices(store, frontend);
    if (devices.empty()) return;
    close_all(host, store, devices);
    store.transact([&](xen::Store& inside) {
        for (const Address& device : devices)
            remove_nodes(inside, device);
    });
}

} // namespace pvh::device
