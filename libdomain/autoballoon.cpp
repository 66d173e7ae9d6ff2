// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/autoballoon.h"

#include "libdomain/adjust.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"

#include <algorithm>
#include <regex>
#include <string>
#include <thread>

#include <fmt/format.h>

namespace pvh {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kKibPerPage = kPageSize / 1024;
// Xen itself takes pages for each domain beside those that are planned.
constexpr std::uint64_t kSlackKib = 8 * 1024;
constexpr std::chrono::milliseconds kLook{100};

std::uint64_t free_kib(xen::Hypervisor& hv) {
    const xen::HostInfo host = hv.host_info();
    const std::uint64_t free = host.free_pages.value();
    return (free - std::min(free, host.outstanding_pages.value())) * kKibPerPage;
}

Error too_little(std::uint64_t wanted, std::uint64_t free, std::string why) {
    return Error{Errc::no_memory, fmt::format("{} MiB are needed, {} are free, and {}",
                                              wanted / 1024, free / 1024, why)};
}

/// True once so much is free; false if it takes too long.
bool await_free(xen::Hypervisor& hv, std::uint64_t wanted, const Dom0Reserve& reserve) {
    const auto begin = Clock::now();
    auto changed = begin;
    for (std::uint64_t most = free_kib(hv); most < wanted;) {
        if (reserve.is_given_up && reserve.is_given_up()) return false;
        std::this_thread::sleep_for(kLook);
        const std::uint64_t free = free_kib(hv);
        const auto now = Clock::now();
        if (free > most) changed = now;
        most = std::max(most, free);
        if (free < wanted && (now - changed > reserve.patience || now - begin > reserve.limit))
            return false;
    }
    return true;
}

/// The target that dom0 has is taken back, if nobody has given it another since.
void restore_target(xen::Hypervisor& hv, xen::Store& store, const Domain& dom0, std::uint64_t asked,
                    std::uint64_t kib) {
    try {
        if (memory_limits(hv, store, dom0).target_kib == asked)
            set_memory_target(hv, store, dom0, kib);
    } catch (const Error& e) {
        log::warn("dom0 keeps a target lower than its {} KiB: {}", kib, e.what());
    }
}

} // namespace

bool balloons_dom0(Autoballoon setting, std::string_view xen_commandline) {
    static const std::regex sized{R"((^| )dom0_mem=((|min:|max:)[0-9]+[bBkKmMgG]?,?)+($| ))"};
    if (setting != Autoballoon::automatic) return setting == Autoballoon::on;
    return !std::regex_search(std::string{xen_commandline}, sized);
}

void make_room(xen::Hypervisor& hv, xen::Store& store, PageCount needed,
               const Dom0Reserve& reserve) {
    const std::uint64_t wanted = needed.value() * kKibPerPage + kSlackKib;
    const std::uint64_t free = free_kib(hv);
    if (free >= wanted) return;
    const auto info = hv.domain_info(kDom0);
    if (!info) throw Error{Errc::xen_error, "Xen tells nothing of dom0"};
    const Domain dom0{kDom0, info->handle};
    const std::uint64_t target = memory_limits(hv, store, dom0).target_kib;
    // One that has not reached its target does not give what it has not got.
    const std::uint64_t now = std::min(target, info->pages.value() * kKibPerPage);
    const std::uint64_t lacking = wanted - free;
    if (now < reserve.least_kib + lacking)
        throw too_little(
            wanted, free,
            fmt::format("dom0, which has {}, keeps {}", now / 1024, reserve.least_kib / 1024))
            .with_hint("end or shrink a domain; dom0_min_memory in pvhd.conf says what dom0 keeps");
    log::info("dom0 is asked for {} MiB: {} are needed, {} are free", lacking / 1024 + 1,
              wanted / 1024, free / 1024);
    const std::uint64_t asked = now - lacking;
    set_memory_target(hv, store, dom0, asked);
    ScopeExit give_back{[&] { restore_target(hv, store, dom0, asked, target); }};
    if (!await_free(hv, wanted, reserve))
        throw too_little(wanted, free, "dom0 does not give the rest");
    give_back.dismiss();
}

} // namespace pvh
