// SPDX-License-Identifier: LGPL-2.1-or-later
// What a class of devices has to say of itself; what is the same for all is in attach.h.
#pragma once

#include "libdomain/device/host_devices.h"
#include "libdomain/device/store_node.h"

#include <string>
#include <utility>
#include <vector>

namespace pvh::device {

using Keys = std::vector<std::pair<std::string, std::string>>;

/// What is in a device's folders beside what every device has.
struct DeviceKeys {
    Keys backend;
    Keys plugged;            // of the backend, what xl's scripts write there: not on record
    Keys frontend;           // the guest's own
    Keys read_only_frontend; // the guest's to read
    Keys recorded{};         // on record only: nobody but us reads them
};

/// All nodes of a device: the toolstack's record, the frontend's and the backend's folder, each key
/// in the order that xl writes it.   [tools/libs/light/libxl_device.c libxl__device_generic_add]
StoreNodes describe_device(const Address& device, const DeviceKeys& keys);

/// A device that is being attached. What it holds is given back on destruction; what backends hold
/// is not.
class Device {
  public:
    Device() = default;
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    virtual ~Device() = default;

    /// For messages: "disk xvda".
    [[nodiscard]] virtual std::string title() const = 0;

    /// Before anything is written: holds and checks what the device needs of the host.
    virtual void prepare(HostDevices& host, xen::Store& store) = 0;
    /// From here on of a device that is prepared.
    [[nodiscard]] virtual Address address(DomId frontend) const = 0;
    [[nodiscard]] virtual DeviceKeys describe() const = 0;

    /// Once its backend waits for the guest.
    virtual void plug(HostDevices& /*host*/, xen::Store& /*store*/, const Address& /*device*/) {}
};

} // namespace pvh::device
