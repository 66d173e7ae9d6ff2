// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/top_screen.h"

#include "cli/domain_table.h"
#include "cli/domains.h"
#include "cli/escape.h"
#include "cli/table.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace pvh::cli {

namespace {

using Usages = std::map<std::pair<std::uint16_t, std::string>, const rpc::DomainUsage*>;

/// By number and UUID: a number may have passed to another domain.
Usages index(const rpc::UsageResult& usage) {
    Usages index;
    for (const rpc::DomainUsage& domain : usage.domains)
        index[{domain.status.domain.domid, to_string(domain.status.domain.uuid)}] = &domain;
    return index;
}

/// Counters of devices that were detached meanwhile are gone, and the sum falls.
double per_second(std::uint64_t former, std::uint64_t now, double seconds) {
    return now > former && seconds > 0 ? static_cast<double>(now - former) / seconds : 0;
}

constexpr double kKib = 1024;

TopRow row_of(const rpc::DomainUsage& now, const rpc::DomainUsage& former, double seconds,
              const rpc::SystemInfo& host) {
    const rpc::DomainStatus& status = now.status;
    const double host_kib = static_cast<double>(host.total_memory_mib) * kKib;
    return {.name = shown_name(status.domain),
            .domid = status.domain.domid,
            .state = state_letters(status),
            .vcpus = status.vcpus_online,
            .cpu_percent =
                per_second(former.status.cpu_time_ns, status.cpu_time_ns, seconds) / 1e9 * 100,
            .memory_kib = status.memory_kib,
            .memory_percent =
                host_kib > 0 ? static_cast<double>(status.memory_kib) / host_kib * 100 : 0,
            .cpu_seconds = static_cast<double>(status.cpu_time_ns) / 1e9,
            .received = per_second(former.received_bytes, now.received_bytes, seconds) / kKib,
            .sent = per_second(former.sent_bytes, now.sent_bytes, seconds) / kKib,
            .read = per_second(former.disk_read_bytes, now.disk_read_bytes, seconds) / kKib,
            .written =
                per_second(former.disk_written_bytes, now.disk_written_bytes, seconds) / kKib};
}

double key_of(const TopRow& row, TopOrder order) {
    switch (order) {
    case TopOrder::cpu:
        return row.cpu_percent;
    case TopOrder::memory:
        return static_cast<double>(row.memory_kib);
    case TopOrder::network:
        return row.received + row.sent;
    case TopOrder::disk:
        return row.read + row.written;
    case TopOrder::name:
        break;
    }
    return 0;
}

void sort(std::vector<TopRow>& rows, TopOrder order) {
    std::stable_sort(rows.begin(), rows.end(), [order](const TopRow& a, const TopRow& b) {
        if (order == TopOrder::name) return a.name < b.name;
        return key_of(a, order) > key_of(b, order);
    });
}

/// Six columns wide, whatever the number.
std::string rate(double kib) {
    if (kib < 9999.5) return fmt::format("{:6.0f}", kib);
    if (kib < 9999.5 * kKib) return fmt::format("{:5.0f}M", kib / kKib);
    return fmt::format("{:5.0f}G", kib / kKib / kKib);
}

constexpr std::size_t kNameWidth = 16;
constexpr std::string_view kTitles =
    " STATE  VCPUS   CPU%      MEM  MEM%   NETRX  NETTX DISKRD DISKWR";

std::string cells_of(const TopRow& row) {
    return fmt::format(" {}{:6} {:6.1f} {:7.0f}M {:5.1f}  {} {} {} {}", row.state, row.vcpus,
                       row.cpu_percent, static_cast<double>(row.memory_kib) / kKib,
                       row.memory_percent, rate(row.received), rate(row.sent), rate(row.read),
                       rate(row.written));
}

struct Range {
    char32_t first, last;
};

/// Where wide characters are, W and F of Unicode's EastAsianWidth.txt. wcwidth() would need a
/// locale. With the narrow ones between them: a character that is thought too wide leaves a gap,
/// one that is thought too narrow breaks the screen.
constexpr std::array<Range, 19> kWide{{{0x1100, 0x115F},
                                       {0x231A, 0x231B},
                                       {0x2329, 0x232A},
                                       {0x23E9, 0x23F3},
                                       {0x25FD, 0x25FE},
                                       {0x2614, 0x27BF},
                                       {0x2B1B, 0x2B55},
                                       {0x2E80, 0xA4CF},
                                       {0xA960, 0xA97F},
                                       {0xAC00, 0xD7A3},
                                       {0xF900, 0xFAFF},
                                       {0xFE10, 0xFE19},
                                       {0xFE30, 0xFE6F},
                                       {0xFF01, 0xFF60},
                                       {0xFFE0, 0xFFE6},
                                       {0x16FE0, 0x1B2FF},
                                       {0x1D300, 0x1D376},
                                       {0x1F004, 0x1FAFF},
                                       {0x20000, 0x3FFFD}}};

struct Character {
    std::size_t bytes, columns;
};

/// Of text that is not empty. What is no UTF-8 counts as a column a byte, as terminals show it.
Character first_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (bytes == 1 || first_invalid_utf8(text.substr(0, bytes))) return {1, 1};
    char32_t code = lead & (0x7fU >> bytes);
    for (const char c : text.substr(1, bytes - 1))
        code = code << 6 | (static_cast<unsigned char>(c) & 0x3fU);
    const bool is_wide = std::any_of(kWide.begin(), kWide.end(), [code](const Range& range) {
        return range.first <= code && code <= range.last;
    });
    return {bytes, is_wide ? 2U : 1U};
}

/// The beginning that fits into so many columns.
Character measure(std::string_view text, std::size_t columns) {
    Character whole{0, 0};
    while (whole.bytes < text.size()) {
        const auto [bytes, width] = first_character(text.substr(whole.bytes));
        if (whole.columns + width > columns) break;
        whole.bytes += bytes;
        whole.columns += width;
    }
    return whole;
}

std::size_t width_of(std::string_view text) {
    return measure(text, std::string_view::npos).columns;
}

/// At most so many columns of it, whole characters; what was cut shows.
std::string cut(std::string text, std::size_t columns) {
    if (columns == 0) return "";
    if (measure(text, columns).bytes == text.size()) return text;
    text.resize(measure(text, columns - 1).bytes);
    return text + '+';
}

std::string padded(std::string text, std::size_t columns) {
    const std::size_t width = width_of(text);
    if (width < columns) text.append(columns - width, ' ');
    return text;
}

/// In one line, harmless to a terminal.
std::string name_of(const TopRow& row) {
    std::string line;
    for (const char c : escape_controls(row.name))
        line += c == '\n' ? "\\x0a" : c == '\t' ? "\\x09" : std::string{c};
    return line;
}

/// What the other columns leave of a wide screen.
std::size_t name_width_of(ScreenSize size) {
    constexpr std::size_t kMost = 40;
    const std::size_t left = size.columns - std::min(size.columns, kTitles.size());
    return std::clamp(left, kNameWidth, kMost);
}

std::string host_line(const TopSample& now, const std::vector<TopRow>& rows) {
    const auto count = [&](char letter) {
        return std::count_if(rows.begin(), rows.end(), [&](const TopRow& row) {
            return row.state.find(letter) != std::string::npos;
        });
    };
    return fmt::format("Xen {}.{}{}  {} domains: {} running, {} blocked, {} paused, {} shut down",
                       now.host.xen_major, now.host.xen_minor, now.host.xen_extra, rows.size(),
                       count('r'), count('b'), count('p'), count('s'));
}

std::string memory_line(const TopSample& now, const std::vector<TopRow>& rows) {
    double used = 0;
    for (const TopRow& row : rows)
        used += row.cpu_percent;
    return fmt::format("{} CPUs at {} MHz, {:.1f}% of one used  {} MiB memory, {} free",
                       now.host.nr_cpus, now.host.cpu_khz / 1000, used, now.host.total_memory_mib,
                       now.host.free_memory_mib);
}

std::string order_line(TopOrder order) {
    constexpr std::string_view kWords[] = {"CPU", "memory", "network", "disk", "name"};
    return fmt::format("by {}; c m n d a sort, space looks now, q ends; KiB/s",
                       kWords[static_cast<std::size_t>(order)]);
}

constexpr std::array<Column<TopRow>, 12> kBatchColumns{{
    {"Name                         ", [](const TopRow& row) { return pad_right(row.name, 29); }},
    {"    ID", [](const TopRow& row) { return fmt::format(" {:5}", row.domid); }},
    {" State ", [](const TopRow& row) { return " " + row.state; }},
    {" VCPUS", [](const TopRow& row) { return fmt::format(" {:5}", row.vcpus); }},
    {"   CPU(%)", [](const TopRow& row) { return fmt::format(" {:8.1f}", row.cpu_percent); }},
    {"    Mem(k)", [](const TopRow& row) { return fmt::format(" {:9}", row.memory_kib); }},
    {"  Mem(%)", [](const TopRow& row) { return fmt::format(" {:7.1f}", row.memory_percent); }},
    {"    Time(s)", [](const TopRow& row) { return fmt::format(" {:10.1f}", row.cpu_seconds); }},
    {"  NetRx(k/s)", [](const TopRow& row) { return fmt::format(" {:11.1f}", row.received); }},
    {"  NetTx(k/s)", [](const TopRow& row) { return fmt::format(" {:11.1f}", row.sent); }},
    {" DiskRd(k/s)", [](const TopRow& row) { return fmt::format(" {:11.1f}", row.read); }},
    {" DiskWr(k/s)", [](const TopRow& row) { return fmt::format(" {:11.1f}", row.written); }},
}};

} // namespace

std::vector<TopRow> top_rows(const TopSample& former, const TopSample& now, TopOrder order) {
    const Usages before = index(former.usage);
    const double seconds = static_cast<double>(now.usage.time_ns - former.usage.time_ns) / 1e9;
    std::vector<TopRow> rows;
    for (const rpc::DomainUsage& usage : now.usage.domains) {
        const auto found =
            before.find({usage.status.domain.domid, to_string(usage.status.domain.uuid)});
        rows.push_back(
            row_of(usage, found == before.end() ? usage : *found->second, seconds, now.host));
    }
    sort(rows, order);
    return rows;
}

std::vector<std::string> top_screen(const TopSample& now, const std::vector<TopRow>& rows,
                                    TopOrder order, ScreenSize size) {
    const std::size_t name_width = name_width_of(size);
    std::vector<std::string> lines{host_line(now, rows), memory_line(now, rows), order_line(order),
                                   pad_right("NAME", name_width) + std::string{kTitles}};
    const std::size_t room = size.lines > lines.size() ? size.lines - lines.size() : 0;
    const bool fits = rows.size() <= room;
    const std::size_t shown = fits ? rows.size() : room - std::min<std::size_t>(room, 1);
    for (std::size_t i = 0; i < shown; ++i)
        lines.push_back(padded(cut(name_of(rows[i]), name_width), name_width) + cells_of(rows[i]));
    if (!fits && room > 0) lines.push_back(fmt::format("and {} more", rows.size() - shown));
    for (std::string& line : lines)
        line = cut(std::move(line), size.columns);
    lines.resize(std::min(lines.size(), size.lines));
    return lines;
}

std::vector<std::string> top_batch(const std::vector<TopRow>& rows, bool has_titles) {
    std::vector<std::string> lines;
    if (has_titles) lines.push_back(header_line<TopRow>(kBatchColumns));
    for (const TopRow& row : rows)
        lines.push_back(row_line<TopRow>(kBatchColumns, row));
    return lines;
}

} // namespace pvh::cli
