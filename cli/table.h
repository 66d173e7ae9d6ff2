// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pvh::cli {

/// A column is defined in one place, so that title and cell cannot drift apart. Both carry the
/// blanks before them: scripts cut xl's tables by column, and xl pads titles and cells differently.
template <class Row> struct Column {
    std::string_view title;
    std::string (*cell)(const Row&);
};

template <class Row> std::string header_line(std::span<const Column<Row>> columns) {
    std::string line;
    for (const auto& column : columns)
        line += column.title;
    return line;
}

template <class Row> std::string row_line(std::span<const Column<Row>> columns, const Row& row) {
    std::string line;
    for (const auto& column : columns)
        line += column.cell(row);
    return line;
}

/// printf's %-Ns: counts bytes, never cuts.
inline std::string pad_right(std::string_view text, std::size_t width) {
    std::string padded{text};
    if (padded.size() < width) padded.append(width - padded.size(), ' ');
    return padded;
}

} // namespace pvh::cli
