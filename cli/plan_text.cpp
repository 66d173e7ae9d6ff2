// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/plan_text.h"

#include "cli/table.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace pvh::cli {

namespace {

std::string field(std::string_view key, std::string_view value) {
    return fmt::format("{}{}\n", pad_right(key, 14), value);
}

/// 512 MiB, 4 KiB, 37 bytes: whichever is whole.
std::string size_text(std::uint64_t bytes) {
    constexpr std::uint64_t kKib = 1024;
    if (bytes != 0 && bytes % (kKib * kKib) == 0) return fmt::format("{} MiB", bytes / kKib / kKib);
    if (bytes != 0 && bytes % kKib == 0) return fmt::format("{} KiB", bytes / kKib);
    return fmt::format("{} bytes", bytes);
}

/// Both ends inclusive, as the kernel prints its memory map.
std::string range_text(std::uint64_t address, std::uint64_t size) {
    return fmt::format("{:#012x}-{:#012x}", address, size == 0 ? address : address + (size - 1));
}

std::string domain_text(const rpc::PlanResult& plan) {
    const DomainSpec& spec = plan.spec;
    std::string text = field("name", spec.name);
    text += field("uuid", spec.uuid ? to_string(*spec.uuid) : "drawn when the domain is created");
    text += field("kernel", fmt::format("{} ({})", spec.kernel, plan.kernel_format));
    text += field("ramdisk", spec.ramdisk.empty() ? "none" : spec.ramdisk);
    text += field("cmdline", spec.cmdline.empty() ? "none" : spec.cmdline);
    text += field("memory",
                  fmt::format("{} MiB, at most {} MiB", spec.memory_mib, spec.max_memory_mib));
    text += field("vcpus", fmt::format("{}, at most {}", spec.vcpus, spec.max_vcpus));
    text += field("ap_startup", word_of(spec.ap_startup));
    return text;
}

std::string actions_text(const DomainSpec& spec) {
    std::string text = field("on_poweroff", word_of(spec.on_poweroff));
    text += field("on_reboot", word_of(spec.on_reboot));
    text += field("on_crash", word_of(spec.on_crash));
    text += field("on_watchdog", word_of(spec.on_watchdog));
    text += field("on_soft_reset", word_of(spec.on_soft_reset));
    return text;
}

std::string memory_map_text(const rpc::PlanResult& plan) {
    std::string text = "\nmemory map\n";
    for (const rpc::MemoryRangeResult& range : plan.memory_map)
        fmt::format_to(std::back_inserter(text), "  {}  {:<8}  {}\n",
                       range_text(range.address, range.size), range.type, size_text(range.size));
    return text;
}

std::string loads_text(const rpc::PlanResult& plan) {
    std::vector<rpc::LoadResult> loads = plan.loads;
    std::stable_sort(loads.begin(), loads.end(),
                     [](const auto& a, const auto& b) { return a.address < b.address; });
    std::string text = "\nplacement\n";
    for (const rpc::LoadResult& load : loads)
        fmt::format_to(std::back_inserter(text), "  {}  {}  {}\n",
                       range_text(load.address, load.size), load.what, size_text(load.size));
    return text;
}

/// The domain's number is not chosen yet.
std::string with_placeholder(std::string text) {
    constexpr std::string_view kNumber = "32767";
    for (std::size_t at = text.find(kNumber); at != std::string::npos; at = text.find(kNumber, at))
        text.replace(at, kNumber.size(), "N");
    return text;
}

std::string steps_text(const rpc::PlanResult& plan) {
    std::string text = "\nsteps\n";
    for (const std::string& step : plan.steps)
        text += fmt::format("  {}\n", step);
    return text;
}

std::string nodes_text(const rpc::PlanResult& plan) {
    std::string text = "\nxenstore, the domain being N\n";
    for (const rpc::PlannedNode& node : plan.nodes)
        text += fmt::format("  {}\n", with_placeholder(fmt::format("{} = \"{}\"   ({})", node.path,
                                                                   node.value, node.permissions)));
    return text;
}

} // namespace

std::string plan_text(const rpc::PlanResult& plan) {
    std::string text = domain_text(plan) + actions_text(plan.spec);
    text += memory_map_text(plan) + loads_text(plan);
    text += fmt::format("\nentry {:#x}, start_info {:#x}\nhost memory needed: {} KiB\n", plan.entry,
                        plan.start_info, plan.needed_kib);
    text += steps_text(plan) + nodes_text(plan);
    return text;
}

} // namespace pvh::cli
