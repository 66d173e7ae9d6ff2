// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a paravirtual device is in xenstore.   [xen docs/misc/xenstore-paths.pandoc]
#pragma once

#include "libdomain/core/ids.h"

#include <optional>
#include <string>
#include <string_view>

namespace pvh::device {

/// One device: what the frontend's kernel calls it, and who serves it.
struct Address {
    std::string kind; // of the backend: "vbd", "qdisk", "vif", "9pfs"
    unsigned id{};
    DomId frontend;
    DomId backend = kDom0;
    friend bool operator==(const Address&, const Address&) = default;
};

/// /local/domain/N/device/KIND/ID: the guest's own.
std::string frontend_path(const Address& device);
/// /local/domain/B/backend/KIND/N/ID
std::string backend_path(const Address& device);
/// /libxl/N/device/KIND/ID: the toolstack's record, out of any guest's reach.
std::string record_path(const Address& device);
/// Where dom0's kernel leaves the reason if it cannot serve the device.   [xenbus_dev_fatal]
std::string error_path(const Address& device);

/// A disk, whoever serves it.
bool is_disk(const Address& device);

/// What netback calls a vif: "vif7.0".
std::string interface_of(const Address& device);

/// The reverse of backend_path(); nothing if the path is of another form.
std::optional<Address> parse_backend_path(std::string_view path);

/// [xen/include/public/io/xenbus.h]
enum class XenbusState : unsigned {
    unknown = 0,
    initialising = 1,
    init_wait = 2, // the backend has what it needs, and waits for the guest
    initialised = 3,
    connected = 4,
    closing = 5,
    closed = 6,
};

/// Of the text in a `state` node; anything that is none is `unknown`.
XenbusState parse_state(std::string_view text);

} // namespace pvh::device
