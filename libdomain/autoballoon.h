// SPDX-License-Identifier: LGPL-2.1-or-later
// dom0 gives memory to domains that are created.   [docs/man/xl.conf.5 autoballoon]
#pragma once

#include "libdomain/core/guest_types.h"
#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace pvh {

enum class Autoballoon : std::uint8_t { automatic, on, off };

/// In the order of the values.
inline constexpr std::array<std::string_view, 3> kAutoballoonWords{"auto", "on", "off"};

/// `automatic` means: unless Xen's command line gives dom0 its size.   [tools/xl/xl.c
/// auto_autoballoon]
bool balloons_dom0(Autoballoon setting, std::string_view xen_commandline);

struct Dom0Reserve {
    std::uint64_t least_kib{};                  // of dom0's own
    std::chrono::milliseconds patience{10'000}; // without progress
    std::chrono::milliseconds limit{60'000};    // in all
    std::function<bool()> is_given_up{};        // asked while it waits; empty: never
};

/// Asks dom0 for what Xen's free memory lacks of `needed`, and waits until it is there. Throws
/// no_memory, and gives dom0 its target back, unless somebody has set another meanwhile, if dom0
/// would keep too little, does not give, or time is up. One at a time: each starts from what dom0
/// has.
void make_room(xen::Hypervisor& hv, xen::Store& store, PageCount needed,
               const Dom0Reserve& reserve);

} // namespace pvh
