// SPDX-License-Identifier: LGPL-2.1-or-later
// XenHypervisor: what there is. Domains, the host, CPU policies.
#include "libdomain/core/error.h"
#include "libdomain/xen/call_buffer.h"
#include "libdomain/xen/xen_hypervisor.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace pvh::xen {

namespace {

DomainInfo info_of(const xc_domaininfo_t& raw) {
    DomainInfo info{};
    info.id = DomId{raw.domain};
    std::copy(std::begin(raw.handle), std::end(raw.handle), info.handle.bytes.begin());
    info.is_dying = (raw.flags & XEN_DOMINF_dying) != 0;
    info.is_shutdown = (raw.flags & XEN_DOMINF_shutdown) != 0;
    info.is_paused = (raw.flags & XEN_DOMINF_paused) != 0;
    info.is_blocked = (raw.flags & XEN_DOMINF_blocked) != 0;
    info.is_running = (raw.flags & XEN_DOMINF_running) != 0;
    info.is_hvm = (raw.flags & XEN_DOMINF_hvm_guest) != 0;
    info.shutdown_reason = static_cast<std::uint8_t>((raw.flags >> XEN_DOMINF_shutdownshift) &
                                                     XEN_DOMINF_shutdownmask);
    info.pages = PageCount{raw.tot_pages};
    info.max_pages = PageCount{raw.max_pages};
    info.outstanding_claims = PageCount{raw.outstanding_pages};
    // Until the guest has mapped it there is no frame: all ones.   [INVALID_M2P_ENTRY]
    if (raw.shared_info_frame != ~std::uint64_t{0}) info.shared_info = Gfn{raw.shared_info_frame};
    info.cpu_time_ns = raw.cpu_time;
    info.online_vcpus = raw.nr_online_vcpus;
    info.max_vcpu_id = raw.max_vcpu_id;
    info.cpupool = raw.cpupool;
    return info;
}

void add_physinfo(xc_interface* xc, HostInfo& host) {
    xc_physinfo_t raw{};
    if (xc_physinfo(xc, &raw) != 0) throw_hypercall_error("physinfo", errno);
    host.nr_cpus = raw.nr_cpus;
    host.max_cpu_id = raw.max_cpu_id;
    host.nr_nodes = raw.nr_nodes;
    host.cores_per_socket = raw.cores_per_socket;
    host.threads_per_core = raw.threads_per_core;
    host.cpu_khz = raw.cpu_khz;
    std::copy(std::begin(raw.hw_cap), std::end(raw.hw_cap), host.hw_caps.begin());
    const auto has = [&](std::uint32_t bit) { return (raw.capabilities & bit) != 0; };
    host.has_hvm = has(XEN_SYSCTL_PHYSCAP_hvm);
    host.has_pv = has(XEN_SYSCTL_PHYSCAP_pv);
    host.has_directio = has(XEN_SYSCTL_PHYSCAP_directio);
    host.has_hap = has(XEN_SYSCTL_PHYSCAP_hap);
    host.has_shadow = has(XEN_SYSCTL_PHYSCAP_shadow);
    host.has_iommu_hap_pt_share = has(XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share);
    host.has_vmtrace = has(XEN_SYSCTL_PHYSCAP_vmtrace);
    host.has_vpmu = has(XEN_SYSCTL_PHYSCAP_vpmu);
    host.has_gnttab_v1 = has(XEN_SYSCTL_PHYSCAP_gnttab_v1);
    host.has_gnttab_v2 = has(XEN_SYSCTL_PHYSCAP_gnttab_v2);
    host.total_pages = PageCount{raw.total_pages};
    host.free_pages = PageCount{raw.free_pages};
    host.scrub_pages = PageCount{raw.scrub_pages};
    host.outstanding_pages = PageCount{raw.outstanding_pages};
    host.sharing_freed_pages =
        PageCount{static_cast<std::uint64_t>(std::max(0L, xc_sharing_freed_pages(xc)))};
    host.sharing_used_pages =
        PageCount{static_cast<std::uint64_t>(std::max(0L, xc_sharing_used_frames(xc)))};
}

std::string text_of(const char* bytes, std::size_t capacity) {
    return {bytes, strnlen(bytes, capacity)};
}

template <class Text> std::string version_text(xc_interface* xc, int what) {
    Text text{};
    if (xc_version(xc, what, &text) < 0) return {};
    return text_of(text, sizeof(text));
}

std::string build_id_of(xc_interface* xc) {
    struct {
        xen_build_id_t header;
        std::array<unsigned char, 64> bytes;
    } id{};

    id.header.len = sizeof(id.bytes);
    const int length = xc_version(xc, XENVER_build_id, &id);
    std::string hex;
    for (int i = 0; i < length && i < static_cast<int>(sizeof(id.bytes)); ++i)
        hex += fmt::format("{:02x}", id.header.buf[i]);
    return hex;
}

void add_versions(xc_interface* xc, HostInfo& host) {
    const int version = xc_version(xc, XENVER_version, nullptr);
    if (version < 0) throw_hypercall_error("xen_version", errno);
    host.xen_major = static_cast<unsigned>(version) >> 16;
    host.xen_minor = static_cast<unsigned>(version) & 0xffff;
    host.library_version = PVH_XEN_VERSION;
    host.xen_extra = version_text<xen_extraversion_t>(xc, XENVER_extraversion);
    host.xen_caps = version_text<xen_capabilities_info_t>(xc, XENVER_capabilities);
    host.xen_changeset = version_text<xen_changeset_info_t>(xc, XENVER_changeset);
    host.xen_commandline = version_text<xen_commandline_t>(xc, XENVER_commandline);
    xen_compile_info_t compile{};
    xc_version(xc, XENVER_compile_info, &compile);
    host.cc_compiler = text_of(compile.compiler, sizeof(compile.compiler));
    host.cc_compile_by = text_of(compile.compile_by, sizeof(compile.compile_by));
    host.cc_compile_domain = text_of(compile.compile_domain, sizeof(compile.compile_domain));
    host.cc_compile_date = text_of(compile.compile_date, sizeof(compile.compile_date));
    xen_platform_parameters_t platform{};
    xc_version(xc, XENVER_platform_parameters, &platform);
    host.virt_start = platform.virt_start;
    host.page_size = static_cast<unsigned>(xc_version(xc, XENVER_pagesize, nullptr));
    host.build_id = build_id_of(xc);
}

void add_scheduling(xc_interface* xc, HostInfo& host) {
    int id = 0;
    if (xc_sched_id(xc, &id) == 0) host.scheduler = scheduler_name(static_cast<std::uint32_t>(id));
    std::uint8_t* map = xc_cpupool_freeinfo(xc); // malloc'ed bitmap of CPUs in no pool
    if (map == nullptr) return;
    const int bytes = xc_get_cpumap_size(xc);
    for (int i = 0; i < bytes; ++i)
        host.free_cpus += static_cast<unsigned>(std::popcount(map[i]));
    std::free(map); // NOLINT(cppcoreguidelines-no-malloc): libxenctrl allocated it so
}

constexpr std::size_t kMostOfConsole = 8UL * 1024 * 1024;

/// Reads into `text`, and returns how much of it there was.
unsigned read_ring(xc_interface* xc, std::string& text, bool clear) {
    auto count = static_cast<unsigned>(text.size());
    std::uint32_t index = 0;
    if (xc_readconsolering(xc, text.data(), &count, clear ? 1 : 0, 0, &index) != 0)
        throw_hypercall_error("readconsole", errno);
    return count;
}

std::vector<CpuidLeaf> system_cpu_policy(xc_interface* xc, std::uint32_t index) {
    xen_sysctl sysctl{};
    sysctl.cmd = XEN_SYSCTL_get_cpu_policy;
    sysctl.u.cpu_policy.index = index;
    if (xc_sysctl(xc, &sysctl) != 0) throw_hypercall_error("get_cpu_policy sizes", errno);
    const CallBuffer<xen_cpuid_leaf_t> leaves{xc, sysctl.u.cpu_policy.nr_leaves};
    const CallBuffer<xen_msr_entry_t> msrs{xc, sysctl.u.cpu_policy.nr_msrs};
    set_xen_guest_handle_raw(sysctl.u.cpu_policy.leaves, leaves.data());
    set_xen_guest_handle_raw(sysctl.u.cpu_policy.msrs, msrs.data());
    if (xc_sysctl(xc, &sysctl) != 0)
        throw_hypercall_error(fmt::format("get_cpu_policy {}", index), errno);
    std::vector<CpuidLeaf> policy;
    for (const xen_cpuid_leaf_t& leaf : leaves.span().first(sysctl.u.cpu_policy.nr_leaves))
        policy.push_back({.leaf = leaf.leaf,
                          .subleaf = leaf.subleaf,
                          .a = leaf.a,
                          .b = leaf.b,
                          .c = leaf.c,
                          .d = leaf.d});
    return policy;
}

} // namespace

std::optional<DomainInfo> XenHypervisor::domain_info(DomId dom) {
    // getinfolist answers with the first domain at or after the one asked for; its signature is the
    // same in all versions.
    xc_domaininfo_t raw{};
    const int count = xc_domain_getinfolist(xc_.get(), dom.value(), 1, &raw);
    if (count < 0) throw_hypercall_error(fmt::format("getdomaininfo of {}", dom), errno);
    if (count == 0 || raw.domain != dom.value()) return std::nullopt;
    return info_of(raw);
}

std::vector<DomainInfo> XenHypervisor::list_domains() {
    constexpr unsigned kBatch = 256;
    std::vector<DomainInfo> domains;
    std::vector<xc_domaininfo_t> raw(kBatch);
    std::uint32_t first = 0;
    while (true) {
        const int count = xc_domain_getinfolist(xc_.get(), first, kBatch, raw.data());
        if (count < 0)
            throw_hypercall_error(fmt::format("getdomaininfolist from d{}", first), errno);
        for (int i = 0; i < count; ++i)
            domains.push_back(info_of(raw[static_cast<std::size_t>(i)]));
        if (count < static_cast<int>(kBatch)) return domains;
        first = domains.back().id.value() + 1U;
    }
}

std::string XenHypervisor::read_console(bool clear) {
    // Nobody tells how large the ring is: 16 KiB, more for more CPUs, or conring_size=.
    std::string text(64UL * 1024, '\0');
    while (read_ring(xc_.get(), text, false) == text.size() && text.size() < kMostOfConsole)
        text.resize(text.size() * 2);
    text.resize(read_ring(xc_.get(), text, clear)); // what is cleared is what is read
    return text;
}

void XenHypervisor::send_debug_keys(const std::string& keys) {
    if (xc_send_debug_keys(xc_.get(), keys.c_str()) != 0)
        throw_hypercall_error("debug_keys", errno);
}

HostInfo XenHypervisor::host_info() {
    HostInfo host{};
    add_physinfo(xc_.get(), host);
    add_versions(xc_.get(), host);
    add_scheduling(xc_.get(), host);
    return host;
}

std::vector<CpuidLeaf> XenHypervisor::default_cpu_policy() {
    return system_cpu_policy(xc_.get(), XEN_SYSCTL_cpu_policy_hvm_default);
}

std::vector<CpuidLeaf> XenHypervisor::host_cpu_policy() {
    return system_cpu_policy(xc_.get(), XEN_SYSCTL_cpu_policy_host);
}

void XenHypervisor::set_cpu_policy(DomId dom, std::span<const CpuidLeaf> leaves) {
    const CallBuffer<xen_cpuid_leaf_t> buffer{xc_.get(), leaves.size()};
    std::transform(leaves.begin(), leaves.end(), buffer.data(), [](const CpuidLeaf& leaf) {
        return xen_cpuid_leaf_t{.leaf = leaf.leaf,
                                .subleaf = leaf.subleaf,
                                .a = leaf.a,
                                .b = leaf.b,
                                .c = leaf.c,
                                .d = leaf.d};
    });
    xen_domctl domctl{};
    domctl.cmd = XEN_DOMCTL_set_cpu_policy;
    domctl.domain = dom.value();
    domctl.u.cpu_policy.nr_leaves = static_cast<std::uint32_t>(leaves.size());
    domctl.u.cpu_policy.err_leaf = ~0U;
    domctl.u.cpu_policy.err_subleaf = ~0U;
    domctl.u.cpu_policy.err_msr = ~0U;
    set_xen_guest_handle_raw(domctl.u.cpu_policy.leaves, buffer.data());
    if (xc_domctl(xc_.get(), &domctl) == 0) return;
    throw_hypercall_error(
        fmt::format("set_cpu_policy of {} with {} leaves (objects to leaf {:#x} subleaf {:#x})",
                    dom, leaves.size(), domctl.u.cpu_policy.err_leaf,
                    domctl.u.cpu_policy.err_subleaf),
        errno);
}

} // namespace pvh::xen
