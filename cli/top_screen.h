// SPDX-License-Identifier: LGPL-2.1-or-later
// What `pvhctl top` shows: two looks at the host, made into lines.
#pragma once

#include "rpc/messages.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::cli {

enum class TopOrder { cpu, memory, network, disk, name };

/// One look.
struct TopSample {
    rpc::UsageResult usage;
    rpc::SystemInfo host;
};

/// What one domain used between two looks.
struct TopRow {
    std::string name;
    std::uint16_t domid{};
    std::string state; // six letters, as in list
    unsigned vcpus{};
    double cpu_percent{}; // of one CPU
    std::uint64_t memory_kib{};
    double memory_percent{}; // of the host's
    double cpu_seconds{};    // since it began
    // KiB per second
    double received{}, sent{}, read{}, written{};
};

/// A domain that was not there at the former look is compared with nothing: its rates are 0.
std::vector<TopRow> top_rows(const TopSample& former, const TopSample& now, TopOrder order);

struct ScreenSize {
    std::size_t columns{80}, lines{24};
};

/// Two lines on the host, the titles, and a row each, none longer than the screen is wide, and no
/// more than fit; what did not fit is counted. Text from others is harmless to a terminal.
std::vector<std::string> top_screen(const TopSample& now, const std::vector<TopRow>& rows,
                                    TopOrder order, ScreenSize size);

/// For programs and files: the titles and every row, whole.
std::vector<std::string> top_batch(const std::vector<TopRow>& rows, bool has_titles);

} // namespace pvh::cli
