// SPDX-License-Identifier: LGPL-2.1-or-later
// [tools/xl/xl_list.c list_domains]
#include "cli/domain_table.h"

#include "cli/table.h"
#include "libdomain/core/ids.h"

#include <array>
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
    // A domain without a name in xenstore: half built, half gone, or nobody's.
    return pad_right(d.domain.name.empty() ? "(null)" : d.domain.name, 40);
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

} // namespace

std::string domain_header() {
    return header_line<DomainStatus>(kColumns);
}

std::string domain_row(const DomainStatus& domain) {
    return row_line<DomainStatus>(kColumns, domain);
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
