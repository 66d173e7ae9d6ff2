// SPDX-License-Identifier: LGPL-2.1-or-later
// Everything that is decided about a domain before the first hypercall.
#pragma once

#include "libdomain/boot/affinity.h"
#include "libdomain/core/bytes_view.h"
#include "libdomain/core/guest_types.h"
#include "libdomain/image/kernel_image.h"
#include "libdomain/spec/domain_spec.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace pvh::boot {

/// Bytes for the guest: `data` at `address`, zeroes after it up to `size`. Every page that a load
/// touches is zero wherever no load covers it, so nothing of a page's former life shows. Only loads
/// called "kernel" share pages, and only with each other; pages between kernel segments that no
/// segment touches are left as Xen gives them.
struct Load {
    const char* what{}; // "kernel", "ramdisk", "start_info", ...: for messages; a string literal
    GuestAddr address;
    std::uint64_t size{}; // bytes, positive
    BytesView data; // never longer than size, often shorter (bss), empty for rings; kept alive by
                    // the plan
};

/// RAM that comes from one NUMA node of the host; absent: from any.
struct RamPart {
    std::optional<unsigned> pnode;
    std::vector<Extent> extents;
};

/// Where the rings of a domain are.
struct SpecialPages {
    Gfn store;
    Gfn console;
    Gfn ident_pt;
    Gfn paging, monitor, sharing; // vm_event rings
    Gfn ioreq, bufioreq;          // unused by PVH; xl sets their params
};

/// What a domain may own beyond its memory: xl's, as pages that serve the guest count as well.
/// [tools/libs/light/libxl_internal.h LIBXL_MAXMEM_CONSTANT]
inline constexpr std::uint64_t kMaxMemorySlackKib = 1024;

struct BuildPlan {
    DomainSpec spec; // with a uuid

    std::uint64_t max_memory_kib{}; // of XEN_DOMCTL_max_mem: memory= plus slack for what is not RAM
    std::uint64_t paging_pool_bytes{};
    unsigned grant_version = 1; // the highest that the host has, as xl, unless the spec says
    PageCount pages_needed;     // that exist at boot, RAM and extra pages: what is claimed

    std::vector<MemoryRange>
        memory_map;           // sorted, disjoint: for XENMEM_set_memory_map and start_info alike
    std::vector<RamPart> ram; // all RAM of the map, up to maxmem=
    std::optional<VirtualNuma> numa; // of vnuma=
    bool is_populated_on_demand{};   // memory < maxmem
    PageCount pod_target; // of memory=; set while the domain has no page yet: Xen counts what it
                          // has against it
    std::vector<Gfn>
        extra_pages; // ACPI and special pages: 4 KiB each, outside RAM, always populated at once

    DomId store_domain = kDom0; // of xenstored
    bool is_console_ours{};     // console 0 is for pvhconsoled, not for xenconsoled

    std::vector<VcpuAffinity> affinity;
    SpecialPages special;
    std::vector<Load> loads; // ascending by address, disjoint
    VcpuState boot_vcpu;
    std::vector<CpuidLeaf> cpu_policy; // leaves that differ from Xen's default

    // Owners of the bytes that `loads` show.
    std::shared_ptr<const image::KernelImage> kernel;
    std::shared_ptr<const Bytes> ramdisk;
    std::vector<std::unique_ptr<const Bytes>> composed; // start_info, ACPI, page table
};

/// What planning must know of the host; the same for every domain.
struct HostFacts {
    std::vector<CpuidLeaf> default_cpu_policy;   // Hypervisor::default_cpu_policy()
    std::vector<CpuidLeaf> host_cpu_policy = {}; // Hypervisor::host_cpu_policy()
    CpuNodes cpu_nodes = {};                     // Hypervisor::cpu_nodes()
    unsigned nodes = 1;                          // HostInfo::nr_nodes
    unsigned max_cpu_id = 0;                     // HostInfo::max_cpu_id
    bool has_grant_v2{};                         // HostInfo::has_gnttab_v2
    bool has_hvm = true;                         // HostInfo::has_hvm
    bool has_vpmu = false;                       // HostInfo::has_vpmu
    bool has_hap = true;                         // HostInfo::has_hap
    DomId store_domain = kDom0;                  // where xenstored runs
};

/// Decides everything: memory map, placement, start_info, ACPI, vCPU 0, CPU policy. Pure.
/// `spec` is valid and has a uuid; `ramdisk` may be null, and an empty one is none. Throws
/// Errc::invalid_config if the images do not fit into the memory, with what is needed and what
/// there is, and the least memory= that works as hint.
BuildPlan plan_build(const DomainSpec& spec, std::shared_ptr<const image::KernelImage> kernel,
                     std::shared_ptr<const Bytes> ramdisk, const HostFacts& host);

} // namespace pvh::boot
