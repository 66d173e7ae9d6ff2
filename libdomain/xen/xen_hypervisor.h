// SPDX-License-Identifier: LGPL-2.1-or-later
// Xen by libxenctrl and its siblings. Private to this room; others get it from open.h.
#pragma once

#include "libdomain/core/unique_handle.h"
#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/xen_headers.h"
#include "libdomain/xen/xen_host_cpus.h"

#include <string>

namespace pvh::xen {

struct XcTraits {
    using type = xc_interface*;

    static constexpr type none() { return nullptr; }

    static void close(type xch) noexcept { xc_interface_close(xch); }
};

struct ForeignMemoryTraits {
    using type = xenforeignmemory_handle*;

    static constexpr type none() { return nullptr; }

    static void close(type fmem) noexcept { xenforeignmemory_close(fmem); }
};

using XcHandle = UniqueHandle<XcTraits>;
using ForeignMemoryHandle = UniqueHandle<ForeignMemoryTraits>;

/// Throws what errno of a failed hypercall means: ENOMEM no_memory, ESRCH not_found, EPERM
/// permission_denied, else xen_error.
[[noreturn]] void throw_hypercall_error(const std::string& operation, int err);

class XenHypervisor final : public Hypervisor {
  public:
    /// Throws permission_denied or xen_error with a hint if this is no dom0 of a Xen that the
    /// libraries fit.
    XenHypervisor();

    DomId create_domain(const CreateDomain& args) override;
    void destroy_domain(DomId dom) override;
    void set_handle(DomId dom, const Uuid& handle) override;
    void pause(DomId dom) override;
    void unpause(DomId dom) override;
    void remote_shutdown(DomId dom, ShutdownReason reason) override;

    void send_trigger(DomId dom, Trigger trigger, unsigned vcpu) override;
    SecurityId find_label(const std::string& label) override;
    void set_label(DomId dom, SecurityId label) override;
    void set_max_vcpus(DomId dom, unsigned count) override;
    void set_affinity(DomId dom, unsigned vcpu, const CpuMask* hard, const CpuMask* soft) override;
    void set_scheduling(DomId dom, std::uint32_t pool, const Scheduling& scheduling) override;
    Scheduling scheduling(DomId dom, std::uint32_t pool) override;
    void set_tsc_mode(DomId dom, unsigned mode) override;
    void set_time_offset(DomId dom, std::int32_t seconds) override;
    void set_max_memory(DomId dom, std::uint64_t kib) override;
    void set_paging_pool(DomId dom, std::uint64_t bytes) override;
    void claim_pages(DomId dom, PageCount pages) override;
    void populate(DomId dom, std::span<const Extent> extents, Populate how,
                  std::optional<unsigned> node) override;
    void set_virtual_numa(DomId dom, const VirtualNuma& numa) override;
    void set_pod_target(DomId dom, PageCount pages) override;
    void set_memory_map(DomId dom, std::span<const MemoryRange> map) override;
    std::unique_ptr<ForeignMapping> map(DomId dom, std::span<const Gfn> gfns) override;
    bool has_frames_on_demand(DomId dom) override;
    Gfn last_gfn(DomId dom) override;
    std::vector<bool> present(DomId dom, Gfn first, PageCount count) override;

    void set_hvm_param(DomId dom, HvmParam param, std::uint64_t value) override;
    Port alloc_unbound_port(DomId dom, DomId remote) override;
    void seed_grants(DomId dom, std::span<const SeededGrant> grants) override;
    void set_boot_vcpu(DomId dom, const VcpuState& state, unsigned vcpu_count) override;
    VcpuState vcpu_state(DomId dom, unsigned vcpu) override;
    std::optional<Bytes> vcpu_context(DomId dom, unsigned vcpu) override;
    void set_cpu_policy(DomId dom, std::span<const CpuidLeaf> leaves) override;

    std::optional<DomainInfo> domain_info(DomId dom) override;
    std::vector<DomainInfo> list_domains() override;
    std::vector<VcpuInfo> list_vcpus(DomId dom) override;
    HostInfo host_info() override;

    HostCpus& host_cpus() override { return host_cpus_; }

    std::string read_console(bool clear) override;
    void send_debug_keys(const std::string& keys) override;
    std::vector<std::optional<unsigned>> cpu_nodes() override;
    std::vector<CpuidLeaf> default_cpu_policy() override;
    std::vector<CpuidLeaf> host_cpu_policy() override;

  private:
    void get_affinity(DomId dom, VcpuInfo& vcpu);
    void populate_order(DomId dom, std::span<const Extent> extents, unsigned flags);

    XcHandle xc_;
    XenHostCpus host_cpus_;
    ForeignMemoryHandle foreign_memory_;
};

} // namespace pvh::xen
