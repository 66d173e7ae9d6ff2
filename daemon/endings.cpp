// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/endings.h"

#include "libdomain/core/guest_types.h"

#include <algorithm>

namespace pvh::daemon {

namespace {

EndAction action_for(const DomainSpec& spec, std::uint8_t reason) {
    switch (static_cast<ShutdownReason>(reason)) {
    case ShutdownReason::poweroff:
        return spec.on_poweroff;
    case ShutdownReason::reboot:
        return spec.on_reboot;
    case ShutdownReason::suspend:
        return EndAction::preserve;
    case ShutdownReason::crash:
        return spec.on_crash;
    case ShutdownReason::watchdog:
        return spec.on_watchdog;
    case ShutdownReason::soft_reset:
        return spec.on_soft_reset;
    }
    return spec.on_crash; // any byte can come from a guest
}

} // namespace

std::string shutdown_word(std::uint8_t reason) {
    switch (static_cast<ShutdownReason>(reason)) {
    case ShutdownReason::poweroff:
        return "poweroff";
    case ShutdownReason::reboot:
        return "reboot";
    case ShutdownReason::suspend:
        return "suspend";
    case ShutdownReason::crash:
        return "crash";
    case ShutdownReason::watchdog:
        return "watchdog";
    case ShutdownReason::soft_reset:
        return "soft_reset";
    }
    return std::to_string(reason);
}

Verdict judge_ending(const DomainSpec& spec, std::uint8_t reason) {
    switch (action_for(spec, reason)) {
    case EndAction::destroy:
        return {.consequence = Consequence::destroy, .remark = {}};
    case EndAction::restart:
        return {.consequence = Consequence::restart, .remark = {}};
    case EndAction::preserve:
        return {.consequence = Consequence::leave, .remark = {}};
    case EndAction::rename_restart:
        return {.consequence = Consequence::replace, .remark = {}};
    case EndAction::coredump_destroy:
        return {.consequence = Consequence::destroy, .is_dumped = true, .remark = {}};
    case EndAction::coredump_restart:
        return {.consequence = Consequence::restart, .is_dumped = true, .remark = {}};
    case EndAction::soft_reset:
        return {.consequence = Consequence::destroy,
                .remark = "soft reset is not supported: destroying"};
    }
    return {.consequence = Consequence::leave, .remark = {}};
}

std::chrono::milliseconds restart_delay(unsigned quick_ends) {
    if (quick_ends == 0) return std::chrono::milliseconds{0};
    constexpr std::chrono::seconds kLongest{60};
    const std::chrono::seconds doubled{1U << std::min(quick_ends - 1, 6U)};
    return std::min(doubled, kLongest);
}

} // namespace pvh::daemon
