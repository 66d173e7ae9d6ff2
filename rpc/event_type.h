// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/spec/words.h"

#include <array>
#include <string_view>

namespace pvh::rpc {

/// What events are about; protocol.md, "Events", says what each means.
enum class EventType {
    domain_created,
    domain_paused,
    domain_unpaused,
    domain_renamed,
    domain_shutdown,
    domain_resumed,
    domain_destroyed,
    domain_restarting,
    domain_restart_failed,
    domain_restart_delayed,
    domain_given_up,
    domain_dumped,
    domain_dump_failed,
    device_attached,
    device_detached,
    device_lost,
    overflow,
};

} // namespace pvh::rpc

template <>
inline constexpr std::array<std::string_view, 17> pvh::kWords<pvh::rpc::EventType>{
    "domain.created",
    "domain.paused",
    "domain.unpaused",
    "domain.renamed",
    "domain.shutdown",
    "domain.resumed",
    "domain.destroyed",
    "domain.restarting",
    "domain.restart_failed",
    "domain.restart_delayed",
    "domain.given_up",
    "domain.dumped",
    "domain.dump_failed",
    "device.attached",
    "device.detached",
    "device.lost",
    "overflow",
};
