// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/backend_domain.h"

#include "libdomain/core/error.h"
#include "libdomain/device/store_node.h"
#include "libdomain/spec/device_rules.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace pvh::device {

namespace {

std::optional<DomId> number(const std::string& text) {
    std::uint16_t domid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), domid);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return DomId{domid};
}

} // namespace

DomId find_backend(xen::Store& store, const std::string& backend) {
    if (is_dom0(backend)) return kDom0;
    if (const auto domid = number(backend); domid && store.read(domain_path(*domid) + "/name"))
        return *domid;
    for (const std::string& entry :
         store.list("/local/domain").value_or(std::vector<std::string>{})) {
        const auto domid = number(entry);
        if (domid && store.read(domain_path(*domid) + "/name") == backend) return *domid;
    }
    throw Error{Errc::not_found, fmt::format("there is no domain {} to serve it", backend)}
        .with_hint("backend= names the driver domain, which has to run before");
}

} // namespace pvh::device
