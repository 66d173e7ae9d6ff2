// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/doctor/xen_checks.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace pvh::doctor {

namespace {

constexpr std::uint64_t kPagesPerMib = (1ULL << 20) / kPageSize;

/// Too little for most guests with what Xen needs beside their memory.
constexpr std::uint64_t kLittleMib = 64;

std::uint64_t mib(PageCount pages) {
    return pages.value() / kPagesPerMib;
}

/// Neither owned nor claimed.
std::uint64_t free_mib(const xen::HostInfo& host) {
    const std::uint64_t free = host.free_pages.value();
    return (free - std::min(free, host.outstanding_pages.value())) / kPagesPerMib;
}

Check check_hap(const xen::HostInfo& host) {
    if (!host.has_hvm)
        return fail("hap", "Xen has no hardware virtualisation here",
                    "enable VT-x or AMD-V in the machine's firmware");
    if (!host.has_hap)
        return fail("hap", "Xen has no hardware assisted paging here",
                    "PVH domains of pvhd need it: EPT of Intel's CPUs, NPT of AMD's, and no hap=0 "
                    "on Xen's command line");
    return ok("hap", "Xen has hardware assisted paging");
}

Check check_version(const xen::HostInfo& host) {
    const std::string series = fmt::format("{}.{}", host.xen_major, host.xen_minor);
    const std::string message =
        fmt::format("Xen {}{}, pvhd built for {}", series, host.xen_extra, host.library_version);
    const bool is_same = host.library_version == series ||
                         host.library_version.starts_with(series + ".") ||
                         host.library_version.starts_with(series + "-");
    if (is_same) return ok("xen_version", message);
    return warn("xen_version", message, "build pvhd on the libxen-dev of the Xen that runs");
}

Check check_memory(const xen::HostInfo& host) {
    const std::uint64_t free = free_mib(host);
    const std::string message =
        fmt::format("{} of {} MiB free, {} MiB claimed by builds under way", free,
                    mib(host.total_pages), mib(host.outstanding_pages));
    if (free >= kLittleMib) return ok("memory", message);
    return warn("memory", message,
                "destroy a domain, or have dom0 give memory back: pvhctl mem-set 0 MIB");
}

bool has_dom0_limit(const xen::HostInfo& host) {
    return host.xen_commandline.find("dom0_mem=") != std::string::npos;
}

/// Without dom0_mem= dom0 begins with all memory, and creates take it away, one by one, by default.
/// [docs/man/xl.conf.5.pod autoballoon; docs/man/pvhd.conf.5.scd]
Check check_dom0_memory(const xen::HostInfo& host, const xen::DomainInfo& dom0) {
    constexpr const char* kRemedy =
        "put dom0_mem=2048M,max:2048M (or what suits) on Xen's command line";
    const std::string message =
        fmt::format("dom0 owns {} of {} MiB", mib(dom0.pages), mib(host.total_pages));
    if (!has_dom0_limit(host))
        return warn("dom0_memory", message + "; Xen was booted without dom0_mem=",
                    fmt::format("creates wait for dom0 to give memory (autoballoon in pvhd.conf), "
                                "if it has more than its drivers need: {}",
                                kRemedy));
    const bool has_most = dom0.pages.value() > host.total_pages.value() / 2;
    if (has_most && free_mib(host) < kLittleMib)
        return fail("dom0_memory", message + ", and nothing is left for domains",
                    "pvhctl mem-set 0 2048 gives memory back now; for good, lower dom0_mem= on "
                    "Xen's command line");
    return ok("dom0_memory", message);
}

} // namespace

Checks check_xen(const xen::HostInfo& host, const xen::DomainInfo& dom0) {
    return {check_hap(host), check_version(host), check_memory(host),
            check_dom0_memory(host, dom0)};
}

Check check_xenstored(const std::string& name, std::chrono::microseconds took) {
    constexpr std::chrono::milliseconds kSlow{100};
    const std::string message =
        fmt::format("{} answered a read in {} us", name.empty() ? "it" : name, took.count());
    if (took < kSlow) return ok("xenstored", message);
    return warn("xenstored", message, "every create takes dozens of these: see what keeps it busy");
}

} // namespace pvh::doctor
