// SPDX-License-Identifier: LGPL-2.1-or-later
// What can be changed of a domain that exists, and how long it has been there. All of it works on
// the domains of other toolstacks as well.
#pragma once

#include "libdomain/core/guest_types.h"
#include "libdomain/domain.h"

#include <cstdint>
#include <optional>
#include <string>

namespace pvh {

struct MemoryLimits {
    std::uint64_t target_kib{}; // what the guest's balloon driver is asked for
    std::uint64_t max_kib{};    // how far that may go
};

/// As its nodes have them. dom0, of which nobody may have noted them, has what it has now, and as
/// much as Xen lets it. Throws bad_state if a guest has no such nodes.
/// [tools/libs/light/libxl_mem.c libxl__fill_dom0_memory_info]
MemoryLimits memory_limits(xen::Hypervisor& hv, xen::Store& store, const Domain& domain);

/// Asks the guest's balloon driver for so much memory, and has Xen give it no more than that. Says
/// nothing about when or whether the guest obeys. Throws invalid_config beyond its maximum.
/// [libxl_mem.c libxl_set_memory_target]
void set_memory_target(xen::Hypervisor& hv, xen::Store& store, const Domain& domain,
                       std::uint64_t kib);

/// How far a target may go. Throws invalid_config below the present one.
/// [libxl_mem.c libxl_domain_setmaxmem]
void set_memory_max(xen::Hypervisor& hv, xen::Store& store, const Domain& domain,
                    std::uint64_t kib);

/// Where a vCPU may run, and would rather run; null: as it is. Without a vCPU, all of them. Throws
/// invalid_config if there is no such vCPU.
void pin_vcpus(xen::Hypervisor& hv, const Domain& domain, std::optional<unsigned> vcpu,
               const CpuMask* hard, const CpuMask* soft);

/// Throws invalid_config if there is no such vCPU.
void send_trigger(xen::Hypervisor& hv, const Domain& domain, xen::Trigger trigger, unsigned vcpu);

/// Presses a key for the guest's kernel. Says nothing about whether it listens.
/// [xen/include/public/io/xs_wire.h; Linux drivers/xen/manage.c sysrq_handler]
void send_sysrq(xen::Hypervisor& hv, xen::Store& store, const Domain& domain, char key);

/// When the domain began, in seconds since 1970; nothing if its toolstack did not note it.
std::optional<std::uint64_t> start_time_of(xen::Store& store, const Domain& domain);

} // namespace pvh
