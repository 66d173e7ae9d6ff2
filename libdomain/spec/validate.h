// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/spec/domain_spec.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvh {

/// One broken rule: the key as xl.cfg calls it, so that a reader can point at its place.
struct Violation {
    std::string key;
    std::string message;
    std::string hint;
    std::optional<std::size_t> item = {}; // of a list, counted from 0
};

/// Every rule of a spec that needs neither files nor Xen: bounds, and fields that contradict each
/// other. Empty means valid.
std::vector<Violation> validate(const DomainSpec& spec);

/// Throws Errc::invalid_config with the first violation and the number of others.
void require_valid(const DomainSpec& spec);

/// What the nodes have together, in MiB. One that is beyond what a domain can have counts as that
/// much, so that nothing overflows.
std::uint64_t memory_of(const std::vector<VirtualNode>& nodes);

/// Nothing if `name` may name a domain; else why not. 1 to 255 bytes, no '/', no control bytes, not
/// digits only.
std::string complaint_about_name(std::string_view name);

} // namespace pvh
