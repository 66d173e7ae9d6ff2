// SPDX-License-Identifier: LGPL-2.1-or-later
// HostCpus by libxenctrl. Private to this room.
#pragma once

#include "libdomain/xen/host_cpus.h"
#include "libdomain/xen/xen_headers.h"

namespace pvh::xen {

class XenHostCpus final : public HostCpus {
  public:
    /// `xc` is its owner's and outlives this.
    explicit XenHostCpus(xc_interface* xc) : xc_{xc} {}

    std::vector<CpuPool> list_pools() override;
    std::uint32_t create_pool(const std::string& scheduler) override;
    void destroy_pool(std::uint32_t pool) override;
    void add_cpu(std::uint32_t pool, unsigned cpu) override;
    void remove_cpu(std::uint32_t pool, unsigned cpu) override;
    void move_domain(DomId dom, std::uint32_t pool) override;
    void tune(std::uint32_t pool, const SchedulerTuning& tuning) override;

    std::vector<std::optional<CpuPlace>> topology() override;
    std::vector<NodeInfo> nodes() override;
    std::vector<std::optional<unsigned>> nodes_of(std::span<const PciAddress> devices) override;
    std::vector<bool> node_affinity(DomId dom) override;

  private:
    xc_interface* xc_;
};

/// [xen/include/public/domctl.h XEN_SCHEDULER_*]
std::string scheduler_name(std::uint32_t id);

/// The number of the scheduler of that pool; throws not_found if there is none.
std::uint32_t scheduler_of_pool(xc_interface* xc, std::uint32_t pool);

} // namespace pvh::xen
