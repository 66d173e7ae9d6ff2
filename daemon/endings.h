// SPDX-License-Identifier: LGPL-2.1-or-later
// What follows when a domain ends: pure decisions.   [xl.cfg(5), "Event Actions"]
#pragma once

#include "libdomain/spec/domain_spec.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace pvh::daemon {

/// "poweroff", "reboot", ..., or the number in digits: guests choose it.
std::string shutdown_word(std::uint8_t reason);

enum class Consequence {
    leave,
    destroy,
    restart,
    replace // restart, and keep what has ended under another name
};

struct Verdict {
    Consequence consequence{};
    bool is_dumped{};        // its core, before
    std::string_view remark; // what was asked for and is not done; empty: nothing
};

/// By the action that the spec has for this reason. A reason outside the known ones counts as a
/// crash; a guest that suspended itself is left as it is, for whoever wants to save it.
Verdict judge_ending(const DomainSpec& spec, std::uint8_t reason);

/// A domain that ends sooner after its start is in a loop.
inline constexpr std::chrono::seconds kQuickEnd{2};

/// After so many quick ends in a row a domain is not restarted any more.
inline constexpr unsigned kMostQuickEnds = 12;

/// How soon a restart that failed is tried again; each further pause is twice as long.
inline constexpr std::chrono::seconds kRestartRetry{10};

/// How long a restart waits after so many quick ends in a row: 0, 1 s, 2 s, 4 s, ... up to a
/// minute.
std::chrono::milliseconds restart_delay(unsigned quick_ends);

} // namespace pvh::daemon
