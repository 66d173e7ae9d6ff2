// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/spec/validate.h"

#include "libdomain/core/error.h"
#include "libdomain/spec/device_rules.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

namespace pvh {

namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

void check_name(const DomainSpec& spec, std::vector<Violation>& out) {
    if (spec.name.empty()) {
        out.push_back({"name", "a domain needs a name", "add name = \"...\""});
        return;
    }
    const std::string complaint = complaint_about_name(spec.name);
    if (!complaint.empty()) out.push_back({"name", complaint, ""});
}

void check_boot(const DomainSpec& spec, std::vector<Violation>& out) {
    if (spec.kernel.empty())
        out.push_back(
            {"kernel", "a PVH domain needs a kernel", "add kernel = \"/path/to/vmlinuz\""});
    for (const auto& [key, path] :
         {std::pair{"kernel", &spec.kernel}, {"ramdisk", &spec.ramdisk}}) {
        if (!path->empty() && path->front() != '/')
            out.push_back({key, fmt::format("{} is no absolute path", key), ""});
        if (path->find('\0') != std::string::npos)
            out.push_back({key, fmt::format("the path of {} holds a NUL byte", key), ""});
    }
    if (spec.cmdline.size() > kMaxCmdline)
        out.push_back({"cmdline",
                       fmt::format("the command line has {} bytes, at most {} are accepted",
                                   spec.cmdline.size(), kMaxCmdline),
                       ""});
    if (spec.cmdline.find('\0') != std::string::npos)
        out.push_back({"cmdline", "the command line holds a NUL byte", ""});
}

void check_memory(const DomainSpec& spec, std::vector<Violation>& out) {
    if (spec.memory_mib < kMinMemoryMib)
        out.push_back({"memory", fmt::format("memory = {} MiB is too little", spec.memory_mib),
                       fmt::format("the least is {} MiB", kMinMemoryMib)});
    if (spec.max_memory_mib > kMaxMemoryMib) {
        const char* key = spec.memory_mib > kMaxMemoryMib ? "memory" : "maxmem";
        out.push_back({key,
                       fmt::format("{} = {} MiB is above the {} MiB a PVH domain can have", key,
                                   std::max(spec.memory_mib, spec.max_memory_mib), kMaxMemoryMib),
                       ""});
    }
    if (spec.max_memory_mib < spec.memory_mib && spec.virtual_nodes.empty())
        out.push_back(
            {"maxmem",
             fmt::format("maxmem ({}) is below memory ({})", spec.max_memory_mib, spec.memory_mib),
             "raise maxmem or lower memory"});
}

void check_vcpus(const DomainSpec& spec, std::vector<Violation>& out) {
    if (spec.vcpus < 1 || spec.vcpus > kMaxVcpus)
        out.push_back({"vcpus", fmt::format("vcpus = {} is out of range", spec.vcpus),
                       fmt::format("a PVH domain has 1 to {} vCPUs", kMaxVcpus)});
    else if (spec.max_vcpus > kMaxVcpus)
        out.push_back({"maxvcpus", fmt::format("maxvcpus = {} is out of range", spec.max_vcpus),
                       fmt::format("a PVH domain has 1 to {} vCPUs", kMaxVcpus)});
    else if (spec.max_vcpus < spec.vcpus && spec.virtual_nodes.empty())
        out.push_back({"maxvcpus",
                       fmt::format("maxvcpus ({}) is below vcpus ({})", spec.max_vcpus, spec.vcpus),
                       "raise maxvcpus or lower vcpus"});
}

void check_ap_startup(const DomainSpec& spec, std::vector<Violation>& out) {
    if (spec.ap_startup == ApStartup::guest) return;
    if (!spec.has_acpi)
        out.push_back({"ap_startup", "ap_startup = \"vcpuop\" needs acpi, and acpi is 0",
                       "an ACPI table tells the guest of it: remove one of the two"});
    if (spec.max_vcpus > kMaxApStartupVcpus && spec.max_vcpus <= kMaxVcpus)
        out.push_back(
            {"ap_startup",
             fmt::format("ap_startup = \"vcpuop\" is for at most {} vCPUs, and maxvcpus is {}",
                         kMaxApStartupVcpus, spec.max_vcpus),
             "Xen before 4.19 starts no others by hypercall: leave it to the guest"});
}

// The two below hold for what the config reader makes; others write specs too.

void check_affinity(std::string_view key, const std::vector<CpuList>& lists, unsigned max_vcpus,
                    std::vector<Violation>& out) {
    const auto complain = [&](std::string message) {
        out.push_back({std::string{key}, std::move(message), ""});
    };
    if (lists.size() > max_vcpus)
        return complain(
            fmt::format("{} is for {} vCPUs, the domain has {}", key, lists.size(), max_vcpus));
    for (const CpuList& list : lists) {
        if (list.size() > kMaxCpuItems)
            return complain(fmt::format("a list of {} has {} items, at most {} are read", key,
                                        list.size(), kMaxCpuItems));
        for (const CpuSet& set : list) {
            if (set.kind == CpuSetKind::all && set.is_removed)
                return complain(fmt::format("{} takes all away", key));
            if (set.first > set.last || set.last > kMaxCpus)
                return complain(
                    fmt::format("{} has a range from {} to {}", key, set.first, set.last));
        }
    }
}

bool is_mask(std::string_view text) {
    return text.empty() ||
           (text.size() == 32 && text.find_first_not_of("01xks") == std::string_view::npos);
}

void check_cpuid(const DomainSpec& spec, std::vector<Violation>& out) {
    if (spec.cpuid.size() > kMaxCpuidMasks)
        out.push_back({"cpuid", fmt::format("cpuid has {} leaves", spec.cpuid.size()),
                       fmt::format("at most {} are possible", kMaxCpuidMasks)});
    for (const CpuidMask& mask : spec.cpuid)
        for (const std::string* text : {&mask.eax, &mask.ebx, &mask.ecx, &mask.edx})
            if (!is_mask(*text)) {
                out.push_back({"cpuid",
                               fmt::format("a register of cpuid leaf {:#x} is no mask", mask.leaf),
                               "want 32 characters, each 0, 1, x, k or s"});
                return;
            }
}

void check_range(std::string_view key, std::uint64_t value, std::uint64_t least, std::uint64_t most,
                 std::vector<Violation>& out) {
    if (value < least || value > most)
        out.push_back({std::string{key}, fmt::format("{} = {} is out of range", key, value),
                       fmt::format("want {} to {}", least, most)});
}

void check_tuning(const DomainSpec& spec, std::vector<Violation>& out) {
    if (spec.scheduling.weight)
        check_range("cpu_weight", *spec.scheduling.weight, 1, kMaxWeight, out);
    if (spec.scheduling.cap)
        check_range("cap", *spec.scheduling.cap, 0,
                    std::uint64_t{kMaxCapPerVcpu} * std::max(spec.max_vcpus, 1U), out);
    if (spec.rtc_offset_s > kMaxRtcOffset || spec.rtc_offset_s < -kMaxRtcOffset)
        out.push_back({"rtc_timeoffset",
                       fmt::format("rtc_timeoffset = {} s is out of range", spec.rtc_offset_s),
                       fmt::format("want {} to {}", -kMaxRtcOffset, kMaxRtcOffset)});
}

void check_limits(const DomainSpec& spec, std::vector<Violation>& out) {
    if (spec.max_grant_frames)
        check_range("max_grant_frames", *spec.max_grant_frames, 1, kMaxFrames, out);
    if (spec.max_maptrack_frames)
        check_range("max_maptrack_frames", *spec.max_maptrack_frames, 0, kMaxFrames, out);
    if (spec.max_grant_version)
        check_range("max_grant_version", *spec.max_grant_version, 1, 2, out);
    check_range("max_event_channels", spec.max_event_channels, 1, kMaxFrames, out);
}

void check_distances(const std::vector<VirtualNode>& nodes, std::size_t at,
                     std::vector<Violation>& out) {
    const std::vector<unsigned>& distances = nodes[at].distances;
    const auto complain = [&](std::string message, std::string hint) {
        out.push_back({"vnuma", std::move(message), std::move(hint), at});
    };
    if (distances.size() != nodes.size())
        return complain(fmt::format("vnuma node {} has distances to {} nodes, and there are {}", at,
                                    distances.size(), nodes.size()),
                        "give one for each node, itself included");
    for (std::size_t to = 0; to < nodes.size(); ++to) {
        const bool is_right = to == at
                                  ? distances[to] == kLocalDistance
                                  : distances[to] > kLocalDistance && distances[to] <= kMaxDistance;
        if (!is_right)
            return complain(fmt::format("the distance from vnuma node {} to node {} is {}", at, to,
                                        distances[to]),
                            fmt::format("want {} to itself, {} to {} to others", kLocalDistance,
                                        kLocalDistance + 1, kMaxDistance));
    }
}

/// Every vCPU is in one node.
void check_node_vcpus(const DomainSpec& spec, std::vector<Violation>& out) {
    std::vector<bool> is_seen(std::min(spec.max_vcpus, kMaxVcpus));
    for (std::size_t at = 0; at < spec.virtual_nodes.size(); ++at) {
        for (const unsigned vcpu : spec.virtual_nodes[at].vcpus) {
            if (vcpu >= is_seen.size() || is_seen[vcpu]) {
                out.push_back({"vnuma",
                               vcpu >= is_seen.size()
                                   ? fmt::format("vnuma node {} has vCPU {}, and the domain has {}",
                                                 at, vcpu, spec.max_vcpus)
                                   : fmt::format("vCPU {} is in vnuma twice", vcpu),
                               "vCPUs are counted from 0, and each is in one node", at});
                return;
            }
            is_seen[vcpu] = true;
        }
    }
    const auto missing = std::find(is_seen.begin(), is_seen.end(), false);
    if (spec.vcpus > spec.max_vcpus)
        out.push_back(
            {"vnuma",
             fmt::format("vnuma has {} vCPUs, and vcpus is {}", spec.max_vcpus, spec.vcpus),
             "name all of them, each in one node"});
    else if (missing != is_seen.end())
        out.push_back({"vnuma",
                       fmt::format("vCPU {} is in no node of vnuma, and maxvcpus is {}",
                                   missing - is_seen.begin(), spec.max_vcpus),
                       "vCPUs are counted from 0, and each is in one node"});
}

void check_node_memory(const DomainSpec& spec, std::vector<Violation>& out) {
    for (std::size_t at = 0; at < spec.virtual_nodes.size(); ++at) {
        const std::uint64_t size = spec.virtual_nodes[at].size_mib;
        if (size > kMaxMemoryMib) { // nothing may be multiplied beyond 64 bits
            out.push_back({"vnuma", fmt::format("vnuma node {} has {} MiB", at, size),
                           fmt::format("a PVH domain has at most {} MiB", kMaxMemoryMib), at});
            return;
        }
    }
    const std::uint64_t sum = memory_of(spec.virtual_nodes);
    if (sum != spec.max_memory_mib || spec.memory_mib > sum)
        out.push_back({"vnuma",
                       fmt::format("the nodes of vnuma have {} MiB together, and the domain {} MiB",
                                   sum, std::max(spec.memory_mib, spec.max_memory_mib)),
                       "memory and maxmem follow from vnuma: remove them, or make them agree"});
    else if (spec.memory_mib < spec.max_memory_mib)
        out.push_back(
            {"vnuma",
             fmt::format("with vnuma the guest must start with all its memory, and memory "
                         "({}) is below maxmem ({})",
                         spec.memory_mib, spec.max_memory_mib),
             "populate on demand knows no nodes: remove memory, or make them agree"});
}

void check_virtual_nodes(const DomainSpec& spec, std::vector<Violation>& out) {
    if (spec.virtual_nodes.empty()) return;
    if (spec.virtual_nodes.size() > kMaxVirtualNodes) {
        out.push_back({"vnuma", fmt::format("vnuma has {} nodes", spec.virtual_nodes.size()),
                       fmt::format("at most {} are possible", kMaxVirtualNodes)});
        return;
    }
    check_node_vcpus(spec, out);
    check_node_memory(spec, out);
    for (std::size_t at = 0; at < spec.virtual_nodes.size(); ++at)
        check_distances(spec.virtual_nodes, at, out);
}

} // namespace

std::uint64_t memory_of(const std::vector<VirtualNode>& nodes) {
    std::uint64_t mib = 0;
    for (const VirtualNode& node : nodes)
        mib += std::min(node.size_mib, kMaxMemoryMib);
    return mib;
}

std::string complaint_about_name(std::string_view name) {
    if (name.empty()) return "a domain name cannot be empty";
    if (name.size() > 255)
        return fmt::format("the domain name has {} bytes, at most 255 are accepted", name.size());
    if (name.find('/') != std::string_view::npos)
        return fmt::format(R"("/" is not allowed in a domain name ("{}"))", name);
    if (std::any_of(name.begin(), name.end(), is_control))
        return "control characters are not allowed in a domain name";
    if (std::all_of(name.begin(), name.end(), is_digit))
        return fmt::format("the name \"{}\" has digits only and cannot be told from a domain id",
                           name);
    return {};
}

std::vector<Violation> validate(const DomainSpec& spec) {
    std::vector<Violation> violations;
    check_name(spec, violations);
    check_boot(spec, violations);
    check_memory(spec, violations);
    check_vcpus(spec, violations);
    check_ap_startup(spec, violations);
    check_virtual_nodes(spec, violations);
    check_affinity("cpus", spec.hard_affinity, spec.max_vcpus, violations);
    check_affinity("cpus_soft", spec.soft_affinity, spec.max_vcpus, violations);
    check_cpuid(spec, violations);
    check_tuning(spec, violations);
    check_limits(spec, violations);
    check_devices(spec, violations);
    return violations;
}

void require_valid(const DomainSpec& spec) {
    const auto violations = validate(spec);
    if (violations.empty()) return;
    const Violation& first = violations.front();
    const std::string others =
        violations.size() > 1 ? fmt::format(" (and {} more)", violations.size() - 1) : "";
    throw Error{Errc::invalid_config, fmt::format("{}: {}{}", first.key, first.message, others)}
        .with_hint(first.hint);
}

} // namespace pvh
