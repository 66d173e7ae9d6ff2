// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/console.h"

#include <fmt/format.h>

namespace pvh::device {

namespace {

StoreNodes frontend_nodes(const std::string& frontend, const std::string& backend, DomId guest,
                          Gfn ring, Port port, ConsoleService service) {
    // tty, limit, type and output must never be the guest's to write: the service and our clients
    // act on them. [XSA-57]
    return {
        {frontend + "/backend", backend},
        {frontend + "/backend-id", "0", owned_and_shown(guest, kDom0)},
        {frontend + "/limit", fmt::format("{}", kConsoleBufferLimit)},
        {frontend + "/type", std::string{type_of(service)}},
        {frontend + "/output", "pty"},
        {frontend + "/tty", ""},
        {frontend + "/port", fmt::format("{}", port.value())},
        {frontend + "/ring-ref", fmt::format("{}", ring.value())},
    };
}

// The keys of the backend stand in the toolstack's record as well.
void add_backend_keys(StoreNodes& nodes, const std::string& folder, const std::string& frontend,
                      DomId guest) {
    nodes.push_back({folder + "/frontend", frontend});
    nodes.push_back({folder + "/frontend-id", fmt::format("{}", guest.value())});
    nodes.push_back({folder + "/online", "1"});
    nodes.push_back({folder + "/state", "1"});
    nodes.push_back({folder + "/protocol", "vt100"});
}

} // namespace

std::string console_backends_path() {
    return domain_path(kDom0) + "/backend/console";
}

std::string_view type_of(ConsoleService service) {
    return service == ConsoleService::pvhconsoled ? "pvhconsoled" : "xenconsoled";
}

StoreNodes describe_console(DomId guest, Gfn ring, Port port, ConsoleService service) {
    const std::string frontend = domain_path(guest) + "/console";
    const std::string backend = fmt::format("{}/{}/0", console_backends_path(), guest.value());
    const std::string record = record_path(guest) + "/device/console/0";

    StoreNodes nodes = frontend_nodes(frontend, backend, guest, ring, port, service);
    nodes.push_back({backend, "", readable_by(guest)});
    add_backend_keys(nodes, backend, frontend, guest);
    nodes.push_back({record + "/backend", backend});
    add_backend_keys(nodes, record, frontend, guest);
    return nodes;
}

} // namespace pvh::device
