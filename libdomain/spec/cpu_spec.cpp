// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/spec/cpu_spec.h"

#include "libdomain/core/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace pvh {

namespace {

bool holds(const CpuSet& set, unsigned cpu, unsigned node) {
    if (set.kind == CpuSetKind::all) return true;
    const unsigned number = set.kind == CpuSetKind::nodes ? node : cpu;
    return number >= set.first && number <= set.last;
}

} // namespace

CpuMask resolve_cpus(const CpuList& list, std::string_view what, const CpuNodes& host) {
    CpuMask mask(host.size());
    for (const CpuSet& set : list)
        for (unsigned cpu = 0; cpu < host.size(); ++cpu)
            if (host[cpu] && holds(set, cpu, *host[cpu])) mask[cpu] = !set.is_removed;
    if (std::find(mask.begin(), mask.end(), true) == mask.end())
        throw Error{Errc::invalid_config, fmt::format("{} names no CPU that this host has", what)}
            .with_hint(fmt::format("its CPUs are 0 to {}", host.empty() ? 0 : host.size() - 1));
    return mask;
}

} // namespace pvh
