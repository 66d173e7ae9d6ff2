// SPDX-License-Identifier: LGPL-2.1-or-later
// system.info and system.ping
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/version.h"
#include "rpc/methods.h"

#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

namespace pvh::daemon::verbs {

namespace {

constexpr std::uint64_t kPagesPerMib = kMiB / kPageSize;

void add_kernel(rpc::SystemInfo& info) {
    utsname names{};
    if (::uname(&names) != 0) throw Error{Errc::internal, "ask the kernel for its name", errno};
    info.host = std::data(names.nodename);
    info.release = std::data(names.release);
    info.kernel_version = std::data(names.version);
    info.machine = std::data(names.machine);
}

/// The words of xl info, in its order.   [tools/xl/xl_info.c output_physinfo]
std::vector<std::string> virt_caps_of(const xen::HostInfo& host) {
    const std::pair<bool, const char*> words[] = {
        {host.has_pv, "pv"},
        {host.has_hvm, "hvm"},
        {host.has_hvm && host.has_directio, "hvm_directio"},
        {host.has_pv && host.has_directio, "pv_directio"},
        {host.has_hap, "hap"},
        {host.has_shadow, "shadow"},
        {host.has_iommu_hap_pt_share, "iommu_hap_pt_share"},
        {host.has_vmtrace, "vmtrace"},
        {host.has_vpmu, "vpmu"},
        {host.has_gnttab_v1, "gnttab-v1"},
        {host.has_gnttab_v2, "gnttab-v2"},
    };
    std::vector<std::string> caps;
    for (const auto& [is_there, word] : words)
        if (is_there) caps.emplace_back(word);
    return caps;
}

void add_cpus(rpc::SystemInfo& info, const xen::HostInfo& host) {
    info.nr_cpus = host.nr_cpus;
    info.max_cpu_id = host.max_cpu_id;
    info.nr_nodes = host.nr_nodes;
    info.cores_per_socket = host.cores_per_socket;
    info.threads_per_core = host.threads_per_core;
    info.cpu_khz = host.cpu_khz;
    info.hw_caps = fmt::format("{:08x}", fmt::join(host.hw_caps, ":"));
    info.virt_caps = virt_caps_of(host);
    info.free_cpus = host.free_cpus;
}

void add_memory(rpc::SystemInfo& info, const xen::HostInfo& host) {
    const std::uint64_t free = host.free_pages.value();
    const std::uint64_t claimed = host.outstanding_pages.value();
    info.total_memory_mib = host.total_pages.value() / kPagesPerMib;
    info.free_memory_mib = (free > claimed ? free - claimed : 0) / kPagesPerMib;
    info.outstanding_claims_mib = claimed / kPagesPerMib;
    info.sharing_freed_memory_mib = host.sharing_freed_pages.value() / kPagesPerMib;
    info.sharing_used_memory_mib = host.sharing_used_pages.value() / kPagesPerMib;
}

void add_xen(rpc::SystemInfo& info, const xen::HostInfo& host) {
    info.xen_major = host.xen_major;
    info.xen_minor = host.xen_minor;
    info.xen_extra = host.xen_extra;
    info.xen_caps = host.xen_caps;
    info.xen_scheduler = host.scheduler;
    info.xen_pagesize = host.page_size;
    info.platform_params = fmt::format("virt_start={:#x}", host.virt_start);
    info.xen_changeset = host.xen_changeset;
    info.xen_commandline = host.xen_commandline;
    info.cc_compiler = host.cc_compiler;
    info.cc_compile_by = host.cc_compile_by;
    info.cc_compile_domain = host.cc_compile_domain;
    info.cc_compile_date = host.cc_compile_date;
    info.build_id = host.build_id;
}

} // namespace

Task<rpc::SystemInfo> info(Call call, rpc::NoParams /*params*/) {
    std::function<xen::HostInfo(WorkerContext&)> job = [](WorkerContext& context) {
        return context.hypervisor.host_info();
    };
    const xen::HostInfo host = co_await call.toolstack.queries.run(std::move(job));
    rpc::SystemInfo info;
    info.version = kVersion;
    info.api_major = rpc::kApiMajor;
    info.api_minor = rpc::kApiMinor;
    info.features = {"events", "fields", "jobs", "request_id"};
    add_kernel(info);
    add_cpus(info, host);
    add_memory(info, host);
    add_xen(info, host);
    co_return info;
}

Task<rpc::PingResult> ping(Call /*call*/, rpc::NoParams /*params*/) {
    rpc::PingResult result;
    result.version = kVersion;
    co_return result;
}

} // namespace pvh::daemon::verbs
