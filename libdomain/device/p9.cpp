// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/p9.h"

#include "libdomain/core/error.h"
#include "libdomain/spec/device_rules.h"

#include <fmt/format.h>

namespace pvh::device {

P9::P9(const P9Spec& spec, unsigned devid) : spec_{spec}, devid_{devid} {
    if (auto lack = unsupported_in(spec_))
        throw Error{Errc::unsupported, fmt::format("p9 {}: {}", spec_.tag, lack->message)}
            .with_hint(std::move(lack->hint));
}

Address P9::address(DomId frontend) const {
    return {.kind = "9pfs", .id = devid_, .frontend = frontend};
}

std::string P9::title() const {
    return "p9 " + spec_.tag;
}

void P9::prepare(HostDevices& host, xen::Store& /*store*/) {
    host.require_backend("9pfs");
    host.require_directory(spec_.path);
}

DeviceKeys P9::describe() const {
    return {.backend = {{"path", spec_.path}, {"security_model", spec_.security_model}},
            .plugged = {},
            .frontend = {{"tag", spec_.tag}},
            .read_only_frontend = {}};
}

} // namespace pvh::device
