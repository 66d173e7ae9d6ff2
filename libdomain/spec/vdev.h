// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
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

/// What is wrong with a disk whose vdev another one has already, in a list that people count from
/// 1: "vdev xvda is already used by the 1st disk". `former` is counted from 0.
std::string vdev_clash(std::string_view vdev, std::size_t former);

} // namespace pvh
