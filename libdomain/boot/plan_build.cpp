// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/acpi.h"
#include "libdomain/boot/ap_startup.h"
#include "libdomain/boot/build_plan.h"
#include "libdomain/boot/cpu_policy.h"
#include "libdomain/boot/cpuid_mask.h"
#include "libdomain/boot/ident_pt.h"
#include "libdomain/boot/layout.h"
#include "libdomain/boot/memory_map.h"
#include "libdomain/boot/placement.h"
#include "libdomain/boot/start_info.h"
#include "libdomain/boot/vcpu_context.h"
#include "libdomain/boot/virtual_numa.h"
#include "libdomain/core/error.h"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace pvh::boot {

namespace {

static_assert((layout::kAcpiTablePages.value() + 1 + layout::kApStartupPages.value() +
               layout::kSpecialPageCount.value()) *
                  kPageSize <=
              kMaxMemorySlackKib * 1024);

// The kernel takes the RSDP's address from start_info; others scan low memory.
// [xen/include/public/features.h, bit 15]
constexpr std::uint32_t kLinuxRsdpUnrestricted = 1U << 15;

/// p2m pages: 1 MiB per vCPU and a page per MiB of RAM.   [tools/libs/light/libxl_create.c
/// libxl__get_required_paging_memory]
std::uint64_t paging_pool_bytes(const DomainSpec& spec) {
    constexpr std::uint64_t kPagesPerVcpu = 256;
    return (kPagesPerVcpu * all_vcpus(spec) + spec.max_memory_mib) * kPageSize;
}

PageCount pages_of_mib(std::uint64_t mib) {
    return PageCount{mib * (kMiB / kPageSize)};
}

std::vector<RamPart> ram_parts(const BuildPlan& plan) {
    if (!plan.numa) return {{.pnode = {}, .extents = ram_extents(plan.spec.max_memory_mib * kMiB)}};
    std::vector<RamPart> parts;
    for (const NodeMemory& part : plan.numa->memory)
        parts.push_back({.pnode = plan.numa->pnodes.at(part.node),
                         .extents = extents_of(part.address, part.size)});
    return parts;
}

void plan_memory(BuildPlan& plan) {
    const DomainSpec& spec = plan.spec;
    const std::uint64_t ram = spec.max_memory_mib * kMiB;
    plan.memory_map = memory_map(ram, spec.has_acpi, spec.ap_startup);
    plan.ram = ram_parts(plan);
    plan.extra_pages = extra_pages(spec.has_acpi, spec.ap_startup);
    plan.is_populated_on_demand = spec.memory_mib < spec.max_memory_mib;
    plan.pod_target = pages_of_mib(spec.memory_mib);
    plan.pages_needed = PageCount{plan.pod_target.value() + plan.extra_pages.size()};
    plan.max_memory_kib = spec.memory_mib * 1024 + kMaxMemorySlackKib;
    plan.paging_pool_bytes = paging_pool_bytes(spec);
}

std::uint64_t ramdisk_size(const BuildPlan& plan) {
    return plan.ramdisk == nullptr ? 0 : plan.ramdisk->size();
}

/// All of start_info but for the ramdisk's address, which does not change its size.
StartInfoContent start_info_content(const BuildPlan& plan) {
    StartInfoContent content{.cmdline = plan.spec.cmdline,
                             .modules = {},
                             .memory_map = plan.memory_map,
                             .rsdp = plan.spec.has_acpi ? layout::kRsdp : GuestAddr{0}};
    if (ramdisk_size(plan) > 0)
        content.modules.push_back(
            {.address = GuestAddr{0}, .size = ramdisk_size(plan), .cmdline = {}});
    return content;
}

Placement place_images(const BuildPlan& plan, const StartInfoContent& start_info) {
    const image::KernelImage& kernel = *plan.kernel;
    return place({.kernel = {"kernel", kernel.begin, kernel.end - kernel.begin},
                  .start_info_size = start_info_size(start_info),
                  .ramdisk_size = ramdisk_size(plan),
                  .ram = plan.spec.max_memory_mib * kMiB,
                  .initial_ram = plan.spec.memory_mib * kMiB,
                  .wants_legacy_rsdp = plan.spec.has_acpi &&
                                       (kernel.supported_features & kLinuxRsdpUnrestricted) == 0});
}

void load(BuildPlan& plan, const char* what, GuestAddr address, std::uint64_t size,
          BytesView data) {
    plan.loads.push_back({.what = what, .address = address, .size = size, .data = data});
}

/// Bytes that the plan owns, zero-padded up to `size`.
void load_composed(BuildPlan& plan, const char* what, GuestAddr address, std::uint64_t size,
                   Bytes bytes) {
    plan.composed.push_back(std::make_unique<const Bytes>(std::move(bytes)));
    load(plan, what, address, size, *plan.composed.back());
}

void load_kernel(BuildPlan& plan) {
    for (const image::Segment& segment : plan.kernel->segments)
        load(plan, "kernel", segment.address, segment.memory_size, segment.data);
}

void load_start_info(BuildPlan& plan, StartInfoContent content, const Placement& placement) {
    if (placement.ramdisk) content.modules.front().address = *placement.ramdisk;
    Bytes blob = compose_start_info(content, placement.start_info);
    const std::uint64_t size = blob.size();
    load_composed(plan, "start_info", placement.start_info, size, std::move(blob));
}

void load_ramdisk(BuildPlan& plan, const Placement& placement) {
    if (placement.ramdisk)
        load(plan, "ramdisk", *placement.ramdisk, plan.ramdisk->size(), *plan.ramdisk);
}

void load_acpi(BuildPlan& plan, const Placement& placement) {
    const ApWakeup wakeup = ap_wakeup();
    AcpiTables acpi =
        compose_acpi(plan.spec.vcpus, plan.spec.max_vcpus, plan.numa ? &*plan.numa : nullptr,
                     plan.spec.ap_startup == ApStartup::vcpuop ? &wakeup : nullptr);
    if (placement.legacy_rsdp)
        load_composed(plan, "RSDP copy", *placement.legacy_rsdp, layout::kRsdpRange, acpi.rsdp);
    load_composed(plan, "ACPI tables", layout::kAcpiTables,
                  layout::kAcpiTablePages.value() * kPageSize, std::move(acpi.tables));
    load_composed(plan, "RSDP", layout::kRsdp, kPageSize, std::move(acpi.rsdp));
}

/// The one vCPU that starts the others, and that the spec does not know of, is where vCPU 0 is.
void plan_watchman(BuildPlan& plan) {
    // Xen wants a node for each vCPU; the SRAT, which is for the guest, was composed without this.
    if (plan.numa) plan.numa->vcpus.push_back(plan.numa->vcpus.at(0));
    if (plan.affinity.empty() || plan.affinity.front().vcpu != 0) return;
    VcpuAffinity affinity = plan.affinity.front();
    affinity.vcpu = plan.spec.max_vcpus;
    plan.affinity.push_back(std::move(affinity));
}

void load_ap_startup(BuildPlan& plan) {
    load_composed(plan, "AP startup", layout::kApStartup,
                  layout::kApStartupPages.value() * kPageSize,
                  compose_ap_startup(plan.spec.max_vcpus, plan.kernel->entry));
}

/// Rings start empty: a stale index makes xenconsoled spin.
void load_special_pages(BuildPlan& plan) {
    constexpr std::array kEmpty{
        std::pair{"paging ring", layout::kPagingRing},
        std::pair{"monitor ring", layout::kMonitorRing},
        std::pair{"sharing ring", layout::kSharingRing},
        std::pair{"bufioreq page", layout::kBufIoreq},
        std::pair{"xenstore ring", layout::kStoreRing},
        std::pair{"ioreq page", layout::kIoreq},
        std::pair{"console ring", layout::kConsoleRing},
    };
    for (const auto& [what, gfn] : kEmpty)
        load(plan, what, to_addr(gfn), kPageSize, {});
    load_composed(plan, "ident_pt", to_addr(layout::kIdentPt), kPageSize, compose_ident_pt());
}

/// Ascending, and proven disjoint.
void sort_loads(BuildPlan& plan) {
    std::sort(plan.loads.begin(), plan.loads.end(),
              [](const Load& a, const Load& b) { return a.address < b.address; });
    std::vector<Area> areas;
    areas.reserve(plan.loads.size());
    for (const Load& load : plan.loads)
        areas.push_back({load.what, load.address, load.size});
    require_disjoint(std::move(areas));
}

constexpr SpecialPages special_pages() {
    return {.store = layout::kStoreRing,
            .console = layout::kConsoleRing,
            .ident_pt = layout::kIdentPt,
            .paging = layout::kPagingRing,
            .monitor = layout::kMonitorRing,
            .sharing = layout::kSharingRing,
            .ioreq = layout::kIoreq,
            .bufioreq = layout::kBufIoreq};
}

void require_pvh(const HostFacts& host) {
    if (!host.has_hvm)
        throw Error{Errc::unsupported, "Xen offers no HVM here, which PVH domains need"}.with_hint(
            "switch on VT-x or AMD-V in the firmware");
    if (!host.has_hap)
        throw Error{Errc::unsupported,
                    "Xen offers no hardware assisted paging (HAP) here, which PVH domains need"}
            .with_hint("the CPU must have EPT or NPT, and Xen must not be booted with hap=0");
}

void require_what_is_asked(const DomainSpec& spec, const HostFacts& host) {
    if (spec.has_vpmu && !host.has_vpmu)
        throw Error{Errc::unsupported, "vpmu = 1, and this Xen gives no performance counters"}
            .with_hint("boot Xen with vpmu=on, or remove vpmu");
}

std::vector<CpuidLeaf> plan_cpu_policy(const DomainSpec& spec, const HostFacts& host) {
    const CpuFeatures features{.has_invariant_tsc =
                                   spec.never_migrates || spec.tsc_mode == TscMode::always_emulate,
                               .has_nested_hvm = spec.has_nested_hvm};
    return apply_cpuid_masks(edit_cpu_policy(host.default_cpu_policy, features), spec.cpuid,
                             host.default_cpu_policy, host.host_cpu_policy);
}

unsigned grant_version(const DomainSpec& spec, const HostFacts& host) {
    const unsigned highest = host.has_grant_v2 ? 2 : 1;
    const unsigned wanted = spec.max_grant_version.value_or(highest);
    if (wanted > highest)
        throw Error{Errc::unsupported, fmt::format("max_grant_version = {}, and this Xen has grant "
                                                   "tables of version {} only",
                                                   wanted, highest)}
            .with_hint("lower it, or boot Xen with gnttab=max-ver:2");
    return wanted;
}

} // namespace

BuildPlan plan_build(const DomainSpec& spec, std::shared_ptr<const image::KernelImage> kernel,
                     std::shared_ptr<const Bytes> ramdisk, const HostFacts& host) {
    require_pvh(host);
    require_what_is_asked(spec, host);
    BuildPlan plan;
    plan.spec = spec;
    plan.kernel = std::move(kernel);
    plan.ramdisk = std::move(ramdisk);
    plan.special = special_pages();
    plan.grant_version = grant_version(spec, host);
    plan.store_domain = host.store_domain;
    plan.affinity = plan_affinity(spec, host.cpu_nodes);

    plan.numa = plan_virtual_numa(spec, host.nodes);
    plan_memory(plan);
    StartInfoContent start_info = start_info_content(plan);
    const Placement placement = place_images(plan, start_info);

    load_kernel(plan);
    load_start_info(plan, std::move(start_info), placement);
    load_ramdisk(plan, placement);
    if (spec.has_acpi) load_acpi(plan, placement);
    load_special_pages(plan);
    if (spec.ap_startup == ApStartup::vcpuop) {
        load_ap_startup(plan);
        plan_watchman(plan);
    }
    sort_loads(plan);

    plan.boot_vcpu = boot_vcpu_state(spec.ap_startup == ApStartup::vcpuop ? ap_startup_entry()
                                                                          : plan.kernel->entry,
                                     placement.start_info);
    plan.cpu_policy = plan_cpu_policy(spec, host);
    return plan;
}

} // namespace pvh::boot
