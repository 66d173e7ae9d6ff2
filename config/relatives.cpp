// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/relatives.h"

#include "config/spec_reader.h"
#include "libdomain/spec/validate.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

namespace pvh::config {

namespace {

/// xl's default is a PV guest, and it compares prefixes; here the word must be whole.
void check_type(SpecReader& reader) {
    if (reader.settings().find("type") == nullptr && reader.has_errors()) return; // it may be one
    if (reader.settings().find("type") == nullptr)
        return reader.warn({}, "no type is given, pvh is taken; xl would make a PV guest",
                           "add type = \"pvh\"");
    const auto type = reader.text("type");
    if (!type || *type == "pvh") return;
    const bool is_known = *type == "hvm" || *type == "pv";
    reader.fail_at("type",
                   is_known
                       ? fmt::format("{}: this toolstack manages PVH guests only", in_quotes(*type))
                       : fmt::format("{} is no type of guest", in_quotes(*type)),
                   "write type = \"pvh\"");
}

/// cmdline, else root= and extra joined.   [xl_parse.c parse_cmdline]
void read_cmdline(SpecReader& reader) {
    const auto root = reader.text("root");
    const auto extra = reader.text("extra");
    const auto cmdline = reader.text("cmdline");
    std::string& out = reader.spec().cmdline;
    if (!cmdline) {
        if (root) out = extra ? fmt::format("root={} {}", *root, *extra) : "root=" + *root;
        if (!root) out = extra.value_or("");
        return;
    }
    out = *cmdline;
    for (const std::string_view loser : {"root", "extra"})
        if (const Setting* setting = reader.settings().find(loser)) {
            reader.warn(setting->key_span(),
                        fmt::format("{} has no effect because cmdline is set", loser));
            reader.mark_idle(loser, "cmdline is set");
        }
}

/// Linux on x86 has room for 2048 bytes with the one that ends them (COMMAND_LINE_SIZE).
void warn_of_long_cmdline(SpecReader& reader) {
    constexpr std::size_t kLinuxReads = 2047;
    const std::size_t size = reader.spec().cmdline.size();
    if (size <= kLinuxReads || size > kMaxCmdline) return;
    for (const std::string_view key : {"cmdline", "extra", "root"})
        if (const Setting* setting = reader.settings().find_sound(key))
            return reader.warn(
                setting->key_span(),
                fmt::format("the command line has {} bytes; Linux reads the first {}", size,
                            kLinuxReads));
}

void read_memory(SpecReader& reader) {
    DomainSpec& spec = reader.spec();
    const auto memory = reader.number("memory");
    auto most = reader.number("maxmem");
    if (!most && !spec.virtual_nodes.empty()) most = memory_of(spec.virtual_nodes);
    if (memory || most) spec.memory_mib = memory ? *memory : *most;
    spec.max_memory_mib = most.value_or(spec.memory_mib);
}

/// A count that fits; validate() knows the real bounds, which are far lower.
std::optional<unsigned> count(const SpecReader& reader, std::string_view key) {
    constexpr std::uint64_t kMost = std::numeric_limits<unsigned>::max();
    const auto value = reader.number(key);
    if (!value) return std::nullopt;
    return static_cast<unsigned>(std::min(*value, kMost));
}

unsigned vcpus_of_nodes(const DomainSpec& spec) {
    std::size_t vcpus = 0;
    for (const VirtualNode& node : spec.virtual_nodes)
        vcpus += node.vcpus.size();
    return static_cast<unsigned>(vcpus);
}

/// maxvcpus or vnuma alone leaves one vCPU online, as in xl.
void read_vcpus(SpecReader& reader) {
    DomainSpec& spec = reader.spec();
    spec.vcpus = count(reader, "vcpus").value_or(spec.vcpus);
    spec.max_vcpus = spec.vcpus;
    if (!spec.virtual_nodes.empty()) spec.max_vcpus = vcpus_of_nodes(spec);
    if (const auto most = count(reader, "maxvcpus")) spec.max_vcpus = *most;
}

/// A single list of CPUs is for every vCPU; of several, those for vCPUs that there are not say
/// nothing.   [xl_parse.c parse_vcpu_affinity]
void spread_affinity(SpecReader& reader, std::string_view key, std::vector<CpuList>& lists) {
    const Setting* setting = reader.settings().find_sound(key);
    if (setting == nullptr) return;
    const unsigned vcpus = std::min(reader.spec().max_vcpus, kMaxVcpus);
    if (setting->is_list() && lists.size() > vcpus)
        reader.warn(setting->key_span(), fmt::format("{} has items for {} vCPUs, the domain has {}",
                                                     key, lists.size(), vcpus));
    if (setting->is_list())
        lists.resize(std::min<std::size_t>(lists.size(), vcpus));
    else if (!lists.empty())
        lists.resize(vcpus, lists.front());
}

/// The tables that tell of virtual nodes and of the other vCPUs are ACPI's.
void warn_of_missing_tables(SpecReader& reader) {
    const DomainSpec& spec = reader.spec();
    const Setting* acpi = reader.settings().find_sound("acpi");
    if (spec.has_acpi || acpi == nullptr) return;
    if (const Setting* vnuma = reader.settings().find_sound("vnuma");
        vnuma != nullptr && !spec.virtual_nodes.empty())
        reader.warn(vnuma->key_span(), "with acpi = 0 a guest is not told of its NUMA nodes");
    if (spec.max_vcpus > 1)
        reader.warn(acpi->key_span(), "with acpi = 0 a guest is not told of its other vCPUs");
}

} // namespace

void read_relatives(SpecReader& reader) {
    check_type(reader);
    read_cmdline(reader);
    warn_of_long_cmdline(reader);
    read_memory(reader);
    read_vcpus(reader);
    warn_of_missing_tables(reader);
    spread_affinity(reader, "cpus", reader.spec().hard_affinity);
    spread_affinity(reader, "cpus_soft", reader.spec().soft_affinity);
}

} // namespace pvh::config
