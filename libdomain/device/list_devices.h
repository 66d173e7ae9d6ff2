// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/device/address.h"
#include "libdomain/xen/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pvh::device {

/// A device as xenstore has it. What a guest writes there is a number here, or absent.
struct DeviceView {
    Address address;
    XenbusState state{};         // the guest's
    XenbusState backend_state{}; // the backend's
    std::optional<std::uint32_t> event_channel, ring_ref, tx_ring_ref, rx_ring_ref;
    std::string name;       // of a disk: "xvda"; of a channel
    std::string target;     // of a disk or a file system
    bool is_writable{};     // a disk
    std::string mac;        // of an interface
    std::string bridge;     // of an interface
    std::string connection; // of a channel: "pty", "socket"
    std::string path;       // its pseudo-terminal or socket in dom0
};

/// The devices on a toolstack's record, ours or xl's, but for console 0; of any record: what names
/// no backend of this domain is left out, with a warning in the log. Ascending by kind of record,
/// disks of QEMU among the others; within one in the order of xenstore, as xl has them.
/// [libxl_device.c libxl__device_list]
std::vector<Address> recorded_devices(xen::Store& store, DomId frontend);

/// In the same order.
std::vector<DeviceView> list_devices(xen::Store& store, DomId frontend);

DeviceView view_device(xen::Store& store, const Address& device);

/// The disk that a user calls so: "xvdb", or its number. Throws not_found if there is none on
/// record, invalid_config if nothing can be called so.
DeviceView find_disk(xen::Store& store, DomId frontend, const std::string& vdev);
/// The interface of that number or MAC.
DeviceView find_nic(xen::Store& store, DomId frontend, const std::string& devid_or_mac);

/// For messages: "disk xvda", "vif 0", "p9 /srv/share", whose tag is the guest's to write.
std::string title_of(const DeviceView& device);

} // namespace pvh::device
