// SPDX-License-Identifier: LGPL-2.1-or-later
// [tools/xl/xl_list.c list_domains]
#include "cli/domain_table.h"

#include "cli/domains.h"
#include "cli/table.h"
#include "libdomain/core/ids.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace pvh::cli {

namespace {

using rpc::DomainStatus;

char reason_letter(std::string_view reason) {
    constexpr std::array<std::pair<std::string_view, char>, 6> kLetters{{{"poweroff", '-'},
                                                                         {"reboot", 'r'},
                                                                         {"suspend", 's'},
                                                                         {"crash", 'c'},
                                                                         {"watchdog", 'w'},
                                                                         {"soft_reset", 'S'}}};
    for (const auto& [word, letter] : kLetters)
        if (word == reason) return letter;
    return '?';
}

std::string name_cell(const DomainStatus& d) {
    return pad_right(shown_name(d.domain), 40);
}

std::string domid_cell(const DomainStatus& d) {
    if (d.domain.domid == kNoDomain.value()) return "     -";
    return fmt::format(" {:5}", d.domain.domid);
}

std::string memory_cell(const DomainStatus& d) {
    return fmt::format(" {:5}", (d.memory_kib + d.outstanding_kib) / 1024);
}

std::string time_cell(const DomainStatus& d) {
    // Through float, as xl: the last digit shall be its.
    return fmt::format("  {:8.1f}", static_cast<double>(static_cast<float>(d.cpu_time_ns)) / 1e9);
}

constexpr std::array<Column<DomainStatus>, 6> kColumns{{
    {"Name                                    ", name_cell},
    {"    ID", domid_cell},
    {"   Mem", memory_cell},
    {" VCPUs", [](const DomainStatus& d) { return fmt::format(" {:5}", d.vcpus_online); }},
    {"\tState", [](const DomainStatus& d) { return "     " + state_letters(d); }},
    {"\tTime(s)", time_cell},
}};

// Xen's labels are those of XSM, which xl shows as "-" where there is none.
constexpr std::string_view kNoLabel = "                -";

/// The number of a reason, as xl prints it.   [xen/include/public/sched.h SHUTDOWN_*]
std::string reason_cell(const DomainStatus& d) {
    constexpr std::array<std::string_view, 6> kReasons{"poweroff", "reboot",   "suspend",
                                                       "crash",    "watchdog", "soft_reset"};
    if (!d.shutdown) return "        -";
    const auto found = std::find(kReasons.begin(), kReasons.end(), d.shutdown_reason);
    if (found != kReasons.end()) return fmt::format(" {:8x}", found - kReasons.begin());
    return fmt::format(" {:8x}", std::strtoul(d.shutdown_reason.c_str(), nullptr, 10));
}

std::string pool_cell(const DomainStatus& d, const PoolNames& pools) {
    const auto found = pools.find(d.cpupool);
    return fmt::format("{:>16}", found == pools.end() ? "(null)" : found->second);
}

std::string node_cell(const DomainStatus& d, const NodeAffinities& nodes) {
    const auto found = nodes.find(d.domain.domid);
    return " " + (found == nodes.end() ? "none" : found->second);
}

} // namespace

rpc::Fields fields_of(const MoreColumns& more) {
    rpc::Fields fields{"name",         "domid",           "memory_kib", "outstanding_kib",
                       "vcpus_online", "running",         "blocked",    "paused",
                       "shutdown",     "shutdown_reason", "dying",      "cpu_time_ns"};
    if (more.uuid) fields.emplace_back("uuid");
    if (more.cpupool) fields.emplace_back("cpupool");
    return fields;
}

std::string domain_header(const MoreColumns& more) {
    std::string line = header_line<DomainStatus>(kColumns);
    if (more.uuid) line += "   UUID                            Reason-Code\tSecurity Label";
    if (more.label && !more.uuid) line += "   Security Label";
    if (more.claims) line += "  Claimed";
    if (more.cpupool) line += "         Cpupool";
    if (more.nodes) line += " NODE Affinity";
    return line;
}

std::string domain_row(const DomainStatus& domain, const MoreColumns& more,
                       const LookedUp& looked_up) {
    std::string line = row_line<DomainStatus>(kColumns, domain);
    if (more.uuid) line += " " + to_string(domain.domain.uuid) + reason_cell(domain);
    if (more.claims) line += fmt::format(" {:5}", domain.outstanding_kib / 1024);
    if (more.uuid || more.label) line += kNoLabel;
    if (more.cpupool) line += pool_cell(domain, looked_up.pools);
    if (more.nodes) line += node_cell(domain, looked_up.nodes);
    return line;
}

std::string state_letters(const DomainStatus& domain) {
    return {domain.running ? 'r' : '-',
            domain.blocked ? 'b' : '-',
            domain.paused ? 'p' : '-',
            domain.shutdown ? 's' : '-',
            domain.shutdown ? reason_letter(domain.shutdown_reason) : '-',
            domain.dying ? 'd' : '-'};
}

} // namespace pvh::cli
