// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pvh {

/// The number under which a guest finds a disk in xenstore: of "xvda", "xvda1", "sdb", "hdc2",
/// "d5p1", "51712" or "0xca00". Nothing if the name is none.
/// [docs/man/xen-vbd-interface.7]
std::optional<std::uint32_t> parse_vdev(std::string_view name);

/// The reverse, for people: "xvda1"; of a number that no xvd name has, the number.
std::string vdev_name(std::uint32_t number);

} // namespace pvh
