// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/store_node.h"

#include <fmt/format.h>

namespace pvh::device {

using xen::Access;

xen::Permissions private_to_dom0() {
    return {{kDom0, Access::none}};
}

xen::Permissions readable_by(DomId guest) {
    return {{kDom0, Access::none}, {guest, Access::read}};
}

xen::Permissions owned_by(DomId guest) {
    return {{guest, Access::none}};
}

xen::Permissions owned_and_shown(DomId guest, DomId backend) {
    return {{guest, Access::none}, {backend, Access::read}};
}

std::string domain_path(DomId dom) {
    return fmt::format("/local/domain/{}", dom.value());
}

std::string record_path(DomId dom) {
    return fmt::format("/libxl/{}", dom.value());
}

} // namespace pvh::device
