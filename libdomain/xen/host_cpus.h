// SPDX-License-Identifier: LGPL-2.1-or-later
// The host's CPUs and nodes, and how they are divided. No domain is built with any of it.
#pragma once

#include "libdomain/core/guest_types.h"
#include "libdomain/core/ids.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pvh::xen {

/// Of a whole scheduler; what it has not, or is to stay as it is, is absent.
struct SchedulerTuning {
    std::optional<unsigned> tslice_ms, ratelimit_us, migration_delay_us;
};

/// A group of CPUs with a scheduler of its own.
struct CpuPool {
    std::uint32_t id{};
    std::string scheduler; // "credit2", ...
    CpuMask cpus;
    unsigned domains{};
    SchedulerTuning tuning{};
};

struct CpuPlace {
    std::optional<unsigned> core, socket; // absent: the CPU does not tell
    unsigned node{};
};

struct NodeInfo {
    unsigned id{};
    std::uint64_t size_bytes{}, free_bytes{};
    std::vector<unsigned> distances; // to each node by number; of nodes that are not there, too
};

/// Where a device sits, as Linux names it: segment, bus, and device and function in one byte.
struct PciAddress {
    std::uint16_t segment{};
    std::uint8_t bus{}, devfn{};
};

/// Every method throws Error (xen_error, bad_state, not_found, permission_denied) with operation
/// and numbers.   [xen/include/public/sysctl.h]
class HostCpus {
  public:
    HostCpus() = default;
    HostCpus(const HostCpus&) = delete;
    HostCpus& operator=(const HostCpus&) = delete;
    virtual ~HostCpus() = default;

    /// Ascending by number.
    virtual std::vector<CpuPool> list_pools() = 0;
    /// An empty one. Throws Errc::unsupported if this Xen has no such scheduler.
    virtual std::uint32_t create_pool(const std::string& scheduler) = 0;
    /// Of one that has neither domains nor CPUs.
    virtual void destroy_pool(std::uint32_t pool) = 0;
    /// Of one that is in no pool.
    virtual void add_cpu(std::uint32_t pool, unsigned cpu) = 0;
    virtual void remove_cpu(std::uint32_t pool, unsigned cpu) = 0;
    virtual void move_domain(DomId dom, std::uint32_t pool) = 0;
    /// Throws Errc::unsupported if the pool's scheduler has no such parameter.
    virtual void tune(std::uint32_t pool, const SchedulerTuning& tuning) = 0;

    /// By CPU number; nothing for a CPU that is not online.
    virtual std::vector<std::optional<CpuPlace>> topology() = 0;
    /// Ascending by number.
    virtual std::vector<NodeInfo> nodes() = 0;
    /// The node of each device, if the firmware told.
    virtual std::vector<std::optional<unsigned>> nodes_of(std::span<const PciAddress> devices) = 0;
    /// Where its memory had better be, by node number.   [XEN_DOMCTL_getnodeaffinity]
    virtual std::vector<bool> node_affinity(DomId dom) = 0;
};

} // namespace pvh::xen
