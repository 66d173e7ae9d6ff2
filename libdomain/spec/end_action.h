// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/spec/words.h"

#include <array>
#include <cstdint>

namespace pvh {

/// What to do when a domain ends.   [xl.cfg(5), "Event Actions"]
enum class EndAction : std::uint8_t {
    destroy,
    restart,
    rename_restart,
    preserve,
    coredump_destroy,
    coredump_restart,
    soft_reset,
};

template <>
inline constexpr std::array<std::string_view, 7> kWords<EndAction>{
    "destroy",          "restart",          "rename-restart", "preserve",
    "coredump-destroy", "coredump-restart", "soft-reset"};

} // namespace pvh
