// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/options/chapters.h"
#include "config/spec_reader.h"

#include <array>

namespace pvh::config {

namespace {

using enum Shape;

constexpr std::array kOptions{
    Option{.key = "name",
           .chapter = Chapter::general,
           .shape = string,
           .read = [](SpecReader& r) { r.into(r.spec().name); },
           .summary = "Name of the domain, unique on a host: 1 to 255 bytes, without \"/\" and "
                      "control bytes, not digits only. Required."},
    Option{.key = "type",
           .chapter = Chapter::general,
           .shape = string,
           .default_text = "pvh",
           .summary = "Must be \"pvh\"; xl takes an absent type for a PV guest, so write it."},
    Option{.key = "uuid",
           .chapter = Chapter::general,
           .shape = uuid,
           .read = [](SpecReader& r) { r.into(r.spec().uuid); },
           .default_text = "drawn when the domain is created",
           .summary = "Identity of the domain, as 8-4-4-4-12 hexadecimal digits. Kept over "
                      "restarts."},
    Option{.key = "builder",
           .chapter = Chapter::general,
           .shape = string,
           .status = Status::refused,
           .why = R"(no builder of that option makes PVH guests, write type = "pvh" in its place)",
           .summary = "Of former versions of xl; type has taken its place."},
    Option{.key = "on_poweroff",
           .chapter = Chapter::general,
           .shape = word,
           .read = [](SpecReader& r) { r.into(r.spec().on_poweroff); },
           .words = kWords<EndAction>,
           .default_text = "destroy",
           .summary = "What to do when the guest has powered off."},
    Option{.key = "on_reboot",
           .chapter = Chapter::general,
           .shape = word,
           .read = [](SpecReader& r) { r.into(r.spec().on_reboot); },
           .words = kWords<EndAction>,
           .default_text = "restart",
           .summary = "What to do when the guest wants to reboot."},
    Option{.key = "on_crash",
           .chapter = Chapter::general,
           .shape = word,
           .read = [](SpecReader& r) { r.into(r.spec().on_crash); },
           .words = kWords<EndAction>,
           .default_text = "destroy",
           .summary = "What to do when the guest has crashed."},
    Option{.key = "on_watchdog",
           .chapter = Chapter::general,
           .shape = word,
           .read = [](SpecReader& r) { r.into(r.spec().on_watchdog); },
           .words = kWords<EndAction>,
           .default_text = "destroy",
           .summary = "What to do when Xen's watchdog of the guest has run out."},
    Option{.key = "on_soft_reset",
           .chapter = Chapter::general,
           .shape = word,
           .read = [](SpecReader& r) { r.into(r.spec().on_soft_reset); },
           .words = kWords<EndAction>,
           .default_text = "soft-reset",
           .summary = "What to do when the guest asks for a soft reset (kexec)."},
};

} // namespace

std::span<const Option> general_options() {
    return kOptions;
}

} // namespace pvh::config
