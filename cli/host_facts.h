// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "rpc/messages.h"

#include <string>
#include <vector>

namespace pvh::cli {

struct Fact {
    std::string key;
    std::string value;
};

/// The lines of `xl info`, in its order.
std::vector<Fact> host_facts(const rpc::SystemInfo& info);

/// `key                    : value`, as xl pads it.
std::string fact_line(const Fact& fact);

} // namespace pvh::cli
