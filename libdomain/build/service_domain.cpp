// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/service_domain.h"

#include "libdomain/core/error.h"

#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace pvh {

DomId service_domain(xen::Store& store, const std::string& path) {
    const auto value = store.read(path);
    if (!value) return kDom0;
    unsigned id = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), id);
    if (error != std::errc{} || end != value->data() + value->size() || id >= 0x7FF0)
        throw Error{Errc::xenstore_error, fmt::format("{} = \"{}\" is no domain id", path, *value)};
    return DomId{static_cast<std::uint16_t>(id)};
}

} // namespace pvh
