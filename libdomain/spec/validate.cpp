// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/spec/validate.h"

#include "libdomain/core/error.h"

#include <algorithm>
#include <cctype>

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
    if (spec.max_memory_mib > kMaxMemoryMib)
        out.push_back({"maxmem",
                       fmt::format("maxmem = {} MiB is above the {} MiB a PVH domain can have",
                                   spec.max_memory_mib, kMaxMemoryMib),
                       ""});
    if (spec.max_memory_mib < spec.memory_mib)
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
    else if (spec.max_vcpus < spec.vcpus)
        out.push_back({"maxvcpus",
                       fmt::format("maxvcpus ({}) is below vcpus ({})", spec.max_vcpus, spec.vcpus),
                       "raise maxvcpus or lower vcpus"});
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
    if (spec.tsc_mode == TscMode::native_paravirt)
        out.push_back({"tsc_mode", "Xen has no tsc_mode native_paravirt any more",
                       "want default, always_emulate or native"});
}

void check_limits(const DomainSpec& spec, std::vector<Violation>& out) {
    if (spec.max_grant_frames)
        check_range("max_grant_frames", *spec.max_grant_frames, 0, kMaxFrames, out);
    if (spec.max_maptrack_frames)
        check_range("max_maptrack_frames", *spec.max_maptrack_frames, 0, kMaxFrames, out);
    if (spec.max_grant_version)
        check_range("max_grant_version", *spec.max_grant_version, 1, 2, out);
    check_range("max_event_channels", spec.max_event_channels, 1, kMaxFrames, out);
}

} // namespace

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
    check_tuning(spec, violations);
    check_limits(spec, violations);
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
