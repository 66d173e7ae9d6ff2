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
        return {Consequence::destroy, ""};
    case EndAction::restart:
        return {Consequence::restart, ""};
    case EndAction::preserve:
        return {Consequence::leave, ""};
    case EndAction::rename_restart:
        // The old domain would keep its UUID, and a UUID is one domain's: giving it a new one needs
        // XEN_DOMCTL_setdomainhandle.
        return {Consequence::restart,
                "rename-restart is not supported yet: restarting without keeping the old domain"};
    case EndAction::coredump_destroy:
        return {Consequence::destroy, "core dumps are not supported yet: destroying without one"};
    case EndAction::coredump_restart:
        return {Consequence::restart, "core dumps are not supported yet: restarting without one"};
    case EndAction::soft_reset:
        return {Consequence::destroy, "soft reset is not supported: destroying"};
    }
    return {Consequence::leave, ""};
}

std::chrono::milliseconds restart_delay(unsigned quick_ends) {
    if (quick_ends == 0) return std::chrono::milliseconds{0};
    constexpr std::chrono::seconds kLongest{60};
    const std::chrono::seconds doubled{1U << std::min(quick_ends - 1, 6U)};
    return std::min(doubled, kLongest);
}

} // namespace pvh::daemon
