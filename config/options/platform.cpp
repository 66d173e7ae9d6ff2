// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/options/chapters.h"
#include "config/spec_reader.h"

#include <array>

namespace pvh::config {

namespace {

using enum Shape;

constexpr std::string_view kNoResources = "this release hands out no host resources";

constexpr std::array kOptions{
    Option{.key = "acpi",
           .chapter = Chapter::platform,
           .shape = boolean,
           .read = [](SpecReader& r) { r.into(r.spec().has_acpi); },
           .default_text = "1",
           .summary = "Gives the guest ACPI tables; without them Linux finds one CPU only."},
    Option{.key = "localtime",
           .chapter = Chapter::platform,
           .shape = boolean,
           .read = [](SpecReader& r) { r.into(r.spec().uses_local_time); },
           .default_text = "0",
           .summary = "The guest's wall clock shows the host's local time."},
    Option{.key = "rtc_timeoffset",
           .chapter = Chapter::platform,
           .shape = signed_number,
           .read = [](SpecReader& r) { r.into(r.spec().rtc_offset_s); },
           .default_text = "0",
           .unit = "s",
           .summary = "The guest's wall clock shows this much more than UTC."},
    Option{.key = "nomigrate",
           .chapter = Chapter::platform,
           .shape = boolean,
           .read = [](SpecReader& r) { r.into(r.spec().never_migrates); },
           .default_text = "0",
           .summary = "The domain will never be migrated or saved, so it may see an invariant "
                      "time-stamp counter."},
    Option{.key = "driver_domain",
           .chapter = Chapter::platform,
           .shape = boolean,
           .read = [](SpecReader& r) { r.into(r.spec().is_driver_domain); },
           .default_text = "0",
           .summary = "The domain may serve devices of others."},
    Option{.key = "max_grant_frames",
           .chapter = Chapter::platform,
           .shape = number,
           .read = [](SpecReader& r) { r.into(r.spec().max_grant_frames); },
           .default_text = "Xen's",
           .summary = "Pages of the guest's grant table."},
    Option{.key = "max_maptrack_frames",
           .chapter = Chapter::platform,
           .shape = number,
           .read = [](SpecReader& r) { r.into(r.spec().max_maptrack_frames); },
           .default_text = "Xen's",
           .summary = "Pages in which Xen notes what the guest has mapped of others."},
    Option{.key = "max_grant_version",
           .chapter = Chapter::platform,
           .shape = number,
           .read = [](SpecReader& r) { r.into(r.spec().max_grant_version); },
           .default_text = "the host's highest",
           .summary = "Highest version of grant table that the guest may use: 1 or 2."},
    Option{.key = "max_event_channels",
           .chapter = Chapter::platform,
           .shape = number,
           .read = [](SpecReader& r) { r.into(r.spec().max_event_channels); },
           .default_text = "1023",
           .summary = "Highest event channel port of the guest."},
    Option{
        .key = "seclabel",
        .chapter = Chapter::platform,
        .shape = string,
        .read = [](SpecReader& r) { r.into(r.spec().seclabel); },
        .summary =
            "XSM label of the running domain. Refused by a Xen without XSM, where xl only warns."},
    Option{.key = "init_seclabel",
           .chapter = Chapter::platform,
           .shape = string,
           .read = [](SpecReader& r) { r.into(r.spec().init_seclabel); },
           .default_text = "seclabel",
           .summary = "XSM label of the domain while it is built."},
    Option{.key = "ioports",
           .chapter = Chapter::platform,
           .shape = strings,
           .status = Status::not_yet_needed,
           .why = kNoResources,
           .summary = "Ports of the host that the guest may use, in hexadecimal."},
    Option{.key = "irqs",
           .chapter = Chapter::platform,
           .shape = strings,
           .status = Status::not_yet_needed,
           .why = kNoResources,
           .summary = "Interrupts of the host that the guest may use."},
    Option{.key = "iomem",
           .chapter = Chapter::platform,
           .shape = strings,
           .status = Status::not_yet_needed,
           .why = kNoResources,
           .summary = "Memory of the host's devices that the guest may map."},
    Option{.key = "xend_suspend_evtchn_compat",
           .chapter = Chapter::platform,
           .shape = boolean,
           .status = Status::not_yet,
           .default_text = "0",
           .summary = "The guest makes the node of its suspend event channel itself."},
    Option{.key = "xenstore_feature_mask",
           .chapter = Chapter::platform,
           .status = Status::not_yet,
           .since = "4.21",
           .summary = "Features of xenstore that the guest sees."},
    Option{.key = "xenstore_quota",
           .chapter = Chapter::platform,
           .status = Status::not_yet,
           .since = "4.22",
           .summary = "What the guest may take of xenstore."},
};

} // namespace

std::span<const Option> platform_options() {
    return kOptions;
}

} // namespace pvh::config
