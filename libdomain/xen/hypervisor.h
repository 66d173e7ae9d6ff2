// SPDX-License-Identifier: LGPL-2.1-or-later
// What Xen can do for a toolstack, in the words of domains. No Xen header is visible above this
// seam; no policy lives below it.
#pragma once

#include "libdomain/core/bytes_view.h"
#include "libdomain/core/guest_types.h"
#include "libdomain/core/ids.h"
#include "libdomain/core/uuid.h"
#include "libdomain/xen/host_cpus.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pvh::xen {

/// What Xen's security module (XSM) calls a label.   [xen/include/public/xsm/flask_op.h]
using SecurityId = std::uint32_t;

/// Arguments of XEN_DOMCTL_createdomain for a PVH domain.   [xen/include/public/domctl.h]
struct CreateDomain {
    Uuid handle;
    unsigned max_vcpus{1};
    std::uint32_t max_event_channel_port{1023};
    std::int32_t max_grant_frames{-1};    // -1: the hypervisor's default
    std::int32_t max_maptrack_frames{-1}; // likewise
    std::uint32_t grant_version{1};
    std::uint32_t cpupool{0};
    std::optional<SecurityId> label; // absent: that of any guest
    bool has_nested_hvm{false};
    bool has_vpmu{false};
};

/// What the scheduler of a domain's CPU pool is told; absent ones stay as they are.
struct Scheduling {
    std::optional<std::uint16_t> weight;
    std::optional<std::uint16_t> cap; // percent of one CPU; 0: none
};

/// What can be sent to a vCPU; values are the ABI's.   [XEN_DOMCTL_SENDTRIGGER_*]
enum class Trigger : std::uint32_t { nmi, reset, init, power, sleep };

struct DomainInfo {
    DomId id;
    Uuid handle;
    bool is_dying{};
    bool is_shutdown{};
    bool is_paused{};
    bool is_blocked{};
    bool is_running{};
    bool is_hvm{};
    std::uint8_t shutdown_reason{}; // valid if is_shutdown; a guest chooses it: may be none of
                                    // ShutdownReason
    PageCount pages;                // owned now
    PageCount max_pages;
    PageCount outstanding_claims;
    std::optional<Gfn> shared_info; // where the guest has mapped it, if it has
    std::uint64_t cpu_time_ns{};
    unsigned online_vcpus{};
    unsigned max_vcpu_id{};
    unsigned cpupool{};
};

struct VcpuInfo {
    unsigned id{};
    bool is_online{}; // not down
    bool is_blocked{};
    bool is_running{};
    unsigned cpu{}; // where it runs or last ran
    std::uint64_t cpu_time_ns{};
    CpuMask hard_affinity;
    CpuMask soft_affinity;
};

struct HostInfo {
    unsigned xen_major{};
    unsigned xen_minor{};
    std::string xen_extra;       // ".7"
    std::string library_version; // of the libraries that this was built for: "4.17.0"
    std::string xen_caps;
    std::string xen_commandline;
    std::string xen_changeset;
    std::string cc_compiler, cc_compile_by, cc_compile_domain, cc_compile_date;
    std::uint64_t virt_start{};
    unsigned page_size{};
    std::string build_id;
    std::string scheduler;
    unsigned nr_cpus{};
    unsigned max_cpu_id{};
    unsigned nr_nodes{};
    unsigned cores_per_socket{};
    unsigned threads_per_core{};
    unsigned cpu_khz{};
    std::array<std::uint32_t, 8> hw_caps{};
    bool has_hvm{}, has_pv{}, has_hap{}, has_shadow{}, has_directio{};
    bool has_iommu_hap_pt_share{}, has_vmtrace{}, has_vpmu{}, has_gnttab_v1{}, has_gnttab_v2{};
    PageCount total_pages, free_pages, scrub_pages, outstanding_pages;
    PageCount sharing_freed_pages, sharing_used_pages;
    unsigned free_cpus{}; // in no cpupool
};

/// [xen/include/public/hvm/params.h]; values are the ABI's.
enum class HvmParam : std::uint32_t {
    store_pfn = 1,
    store_evtchn = 2,
    timer_mode = 10,
    ident_pt = 12,
    console_pfn = 17,
    console_evtchn = 18,
    paging_ring_pfn = 27,
    monitor_ring_pfn = 28,
    sharing_ring_pfn = 29,
    ioreq_pfn = 5,
    bufioreq_pfn = 6,
};

/// A grant entry made on a guest's behalf before it runs.
struct SeededGrant {
    GrantRef ref;
    Gfn gfn;
    DomId backend;
};

enum class Populate {
    now,       // each page exists at once
    on_demand, // the p2m entry exists, the page comes from the PoD cache at first touch
};

/// Guest pages mapped into this process, in the order they were asked for, contiguous here.
/// Unmapped on destruction: a live mapping keeps a destroyed domain as a zombie.
class ForeignMapping {
  public:
    ForeignMapping() = default;
    ForeignMapping(const ForeignMapping&) = delete;
    ForeignMapping& operator=(const ForeignMapping&) = delete;
    virtual ~ForeignMapping() = default;
    [[nodiscard]] virtual std::span<std::byte> bytes() = 0;
};

/// Every method throws Error (xen_error, no_memory, permission_denied, not_found) with operation,
/// domain and numbers. One instance is used by one thread at a time.
class Hypervisor {
  public:
    Hypervisor() = default;
    Hypervisor(const Hypervisor&) = delete;
    Hypervisor& operator=(const Hypervisor&) = delete;
    virtual ~Hypervisor() = default;

    /// The domain is paused and has no vCPUs or memory yet.
    virtual DomId create_domain(const CreateDomain& args) = 0;
    /// Returns when the domain is gone but for pages others map. not_found if there is none.
    virtual void destroy_domain(DomId dom) = 0;
    /// Gives the domain another UUID.   [XEN_DOMCTL_setdomainhandle]
    virtual void set_handle(DomId dom, const Uuid& handle) = 0;
    virtual void pause(DomId dom) = 0;
    virtual void unpause(DomId dom) = 0;
    /// Ends the domain with this reason, as if the guest had asked.
    virtual void remote_shutdown(DomId dom, ShutdownReason reason) = 0;

    virtual void send_trigger(DomId dom, Trigger trigger, unsigned vcpu) = 0;

    /// Throws Errc::unsupported if this Xen has no XSM, invalid_config if its policy knows no such
    /// label.
    virtual SecurityId find_label(const std::string& label) = 0;
    virtual void set_label(DomId dom, SecurityId label) = 0;

    /// `count` must be what create_domain was given.
    virtual void set_max_vcpus(DomId dom, unsigned count) = 0;
    /// Where a vCPU may run, and would rather run; null: as it is. One of them is not null.
    virtual void set_affinity(DomId dom, unsigned vcpu, const CpuMask* hard,
                              const CpuMask* soft) = 0;
    /// Throws Errc::unsupported if the scheduler of `pool`, which the domain is in, has no such
    /// parameters.
    virtual void set_scheduling(DomId dom, std::uint32_t pool, const Scheduling& scheduling) = 0;
    /// What the scheduler of `pool`, which the domain is in, has of it.
    virtual Scheduling scheduling(DomId dom, std::uint32_t pool) = 0;
    /// [XEN_DOMCTL_TSC_MODE_* in xen/include/asm-x86/time.h; docs/man/xen-tscmode.7]
    virtual void set_tsc_mode(DomId dom, unsigned mode) = 0;
    /// What the guest's wall clock shows beyond UTC.
    virtual void set_time_offset(DomId dom, std::int32_t seconds) = 0;
    virtual void set_max_memory(DomId dom, std::uint64_t kib) = 0;
    /// For p2m pages; `bytes` is a multiple of 4096; to be set before memory is populated.
    virtual void set_paging_pool(DomId dom, std::uint64_t bytes) = 0;
    /// Reserves host memory for this domain, or throws no_memory at once; 0 gives the rest back.
    virtual void claim_pages(DomId dom, PageCount pages) = 0;
    /// Gives the guest memory at every extent, from `node` of the host alone if it is given, or
    /// throws no_memory: a short answer of Xen is a failure here.
    virtual void populate(DomId dom, std::span<const Extent> extents, Populate how,
                          std::optional<unsigned> node) = 0;
    virtual void set_pod_target(DomId dom, PageCount pages) = 0;
    /// What XENMEM_get_vnumainfo tells the guest; `numa` has all the vCPUs there are.
    virtual void set_virtual_numa(DomId dom, const VirtualNuma& numa) = 0;
    /// What XENMEM_memory_map tells the guest; at most 128 ranges.
    virtual void set_memory_map(DomId dom, std::span<const MemoryRange> map) = 0;
    /// Whether it has frames that get their page at first touch.   [XENMEM_get_pod_target]
    virtual bool has_frames_on_demand(DomId dom) = 0;
    virtual std::unique_ptr<ForeignMapping> map(DomId dom, std::span<const Gfn> gfns) = 0;
    /// Above it the guest has no memory.   [XENMEM_maximum_gpfn]
    virtual Gfn last_gfn(DomId dom) = 0;
    /// Which of so many frames from `first` on have a page of the guest's behind them, by number;
    /// cheap where there are none.   [XEN_DOMCTL_getpageframeinfo3]
    virtual std::vector<bool> present(DomId dom, Gfn first, PageCount count) = 0;

    virtual void set_hvm_param(DomId dom, HvmParam param, std::uint64_t value) = 0;
    /// An unbound port of `dom` that `remote` may bind.
    virtual Port alloc_unbound_port(DomId dom, DomId remote) = 0;
    virtual void seed_grants(DomId dom, std::span<const SeededGrant> grants) = 0;
    /// Loads vCPU 0 and default MTRRs for all `vcpu_count` vCPUs. The last act before unpause: it
    /// downs all other vCPUs.
    virtual void set_boot_vcpu(DomId dom, const VcpuState& state, unsigned vcpu_count) = 0;
    /// The state of a vCPU that is up, as Xen keeps it: hidden parts of segments included.
    virtual VcpuState vcpu_state(DomId dom, unsigned vcpu) = 0;
    /// The bytes of a vCPU's vcpu_guest_context_t, as a core dump has them; nothing for one that
    /// was never up.   [xen/include/public/arch-x86/xen.h]
    virtual std::optional<Bytes> vcpu_context(DomId dom, unsigned vcpu) = 0;
    /// Merges these leaves into the domain's CPU policy; only before the first unpause.
    virtual void set_cpu_policy(DomId dom, std::span<const CpuidLeaf> leaves) = 0;

    virtual std::optional<DomainInfo> domain_info(DomId dom) = 0;
    /// Ascending by domid.
    virtual std::vector<DomainInfo> list_domains() = 0;
    /// Ascending by number.
    virtual std::vector<VcpuInfo> list_vcpus(DomId dom) = 0;
    virtual HostInfo host_info() = 0;
    /// How the host's CPUs are divided; lives as long as this.
    virtual HostCpus& host_cpus() = 0;
    /// What Xen has printed, as much as it keeps; with `clear` it forgets it.
    virtual std::string read_console(bool clear) = 0;
    /// As typed on Xen's own console, which shows what they do.
    virtual void send_debug_keys(const std::string& keys) = 0;
    /// The NUMA node of each CPU, by CPU number; nothing for a CPU that is not online.
    virtual std::vector<std::optional<unsigned>> cpu_nodes() = 0;
    /// The policy a new HVM domain starts with.   [XEN_SYSCTL_cpu_policy_hvm_default]
    virtual std::vector<CpuidLeaf> default_cpu_policy() = 0;
    /// What the CPUs have.   [XEN_SYSCTL_cpu_policy_host]
    virtual std::vector<CpuidLeaf> host_cpu_policy() = 0;
};

} // namespace pvh::xen
