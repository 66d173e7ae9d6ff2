// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "rpc/messages.h"

#include <string>
#include <string_view>
#include <vector>

namespace pvh::cli {

struct Fact {
    std::string key;
    std::string value;
};

/// Those about Xen itself begin with it.
inline constexpr std::string_view kFirstFactOfXen = "xen_major";

/// The lines of `xl info`, in its order.
std::vector<Fact> host_facts(const rpc::SystemInfo& info);

/// `key                    : value`, as xl pads it.
std::string fact_line(const Fact& fact);

} // namespace pvh::cli
