// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "rpc/messages.h"

#include <cstdint>
#include <map>
#include <string>

namespace pvh::cli {

/// What stands behind the six columns of `xl list`, in this order.
struct MoreColumns {
    bool uuid = false;    // -v: with the reason of a shutdown and the security label
    bool claims = false;  // of memory, as xl claims has it
    bool label = false;   // -Z
    bool cpupool = false; // -c
    bool nodes = false;   // -n
};

/// Names by number.
using PoolNames = std::map<unsigned, std::string>;
/// NUMA nodes by domid.
using NodeAffinities = std::map<std::uint16_t, std::string>;

/// What the list of domains has not.
struct LookedUp {
    PoolNames pools = {};
    NodeAffinities nodes = {};
};

/// What a line is made of.
rpc::Fields fields_of(const MoreColumns& more);
/// The header of `xl list`, to the byte.
std::string domain_header(const MoreColumns& more = {});
/// The line of `xl list`, to the byte.
std::string domain_row(const rpc::DomainStatus& domain, const MoreColumns& more = {},
                       const LookedUp& looked_up = {});

/// Six letters: r b p s, why it shut down (one of -rscwS, or ?), d.
std::string state_letters(const rpc::DomainStatus& domain);

} // namespace pvh::cli
