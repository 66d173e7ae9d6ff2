// SPDX-License-Identifier: LGPL-2.1-or-later
// CPU pools as toolstacks know them: Xen's, with the names that xenstore has.
// [tools/libs/light/libxl_cpupool.c]
#pragma once

#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"

#include <string>
#include <vector>

namespace pvh {

struct NamedPool {
    xen::CpuPool pool;
    std::string name; // as xenstore has it; "" if it has none
};

/// Ascending by number.
std::vector<NamedPool> list_cpu_pools(xen::HostCpus& cpus, xen::Store& store);

/// By name or number, a name first. Throws not_found with the names that there are.
NamedPool find_pool(xen::HostCpus& cpus, xen::Store& store, const std::string& pool);

/// The CPUs go into it in their order; all or none. Throws already_exists if there is one of that
/// name, bad_state if a CPU is in a pool or not online, invalid_config for a name that cannot be
/// one.
NamedPool create_cpu_pool(xen::HostCpus& cpus, xen::Store& store, const std::string& name,
                          const std::string& scheduler, const CpuMask& wanted);

/// Its CPUs are free then. Throws bad_state if it has domains, or is Pool-0.
void destroy_cpu_pool(xen::HostCpus& cpus, xen::Store& store, const NamedPool& pool);

void rename_cpu_pool(xen::HostCpus& cpus, xen::Store& store, const NamedPool& pool,
                     const std::string& name);

/// All or none. Throws bad_state if one is in a pool or not online.
void add_cpus(xen::HostCpus& cpus, xen::Store& store, const NamedPool& pool, const CpuMask& wanted);

/// All or none. Throws bad_state if one is not in it, or is needed there.
void remove_cpus(xen::HostCpus& cpus, const NamedPool& pool, const CpuMask& wanted);

/// Throws bad_state if the pool has no CPU.
void move_to_cpu_pool(xen::HostCpus& cpus, DomId dom, const NamedPool& pool);

} // namespace pvh
