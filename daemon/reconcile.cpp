// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/reconcile.h"

namespace pvh::daemon {

namespace {

bool is_same(const Known& known, const xen::DomainInfo& info) {
    return known.domain == Domain{info.id, info.handle};
}

bool has_changed(const Known& known, const xen::DomainInfo& info) {
    return known.is_paused != info.is_paused || known.is_shutdown != info.is_shutdown ||
           known.is_dying != info.is_dying;
}

} // namespace

Changes reconcile(std::span<const Known> known, std::span<const xen::DomainInfo> present) {
    Changes changes;
    auto before = known.begin();
    for (const xen::DomainInfo& info : present) {
        for (; before != known.end() && before->domain.id < info.id; ++before)
            changes.gone.push_back(before->domain);
        const bool has_domid = before != known.end() && before->domain.id == info.id;
        if (!has_domid) {
            changes.appeared.push_back(info);
            continue;
        }
        if (!is_same(*before, info)) {
            changes.gone.push_back(before->domain);
            changes.appeared.push_back(info);
        } else if (has_changed(*before, info)) {
            changes.changed.push_back(info);
        }
        ++before;
    }
    for (; before != known.end(); ++before)
        changes.gone.push_back(before->domain);
    return changes;
}

} // namespace pvh::daemon
