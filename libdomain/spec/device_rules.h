// SPDX-License-Identifier: LGPL-2.1-or-later
// Rules of devices: for validate(), and for who can point at the place of what breaks one.
#pragma once

#include "libdomain/spec/validate.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvh {

/// Bounds, names, and devices that exclude each other.
void check_devices(const DomainSpec& spec, std::vector<Violation>& out);

/// Whatever the case of their digits.
bool is_same_mac(std::string_view a, std::string_view b);

/// What a device asks for that this release does not do.
struct Unsupported {
    std::string message;
    std::string hint;
};

std::optional<Unsupported> unsupported_in(const DiskSpec& disk);
std::optional<Unsupported> unsupported_in(const NicSpec& nic);
std::optional<Unsupported> unsupported_in(const ChannelSpec& channel);

} // namespace pvh
