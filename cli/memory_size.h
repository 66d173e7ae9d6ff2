// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace pvh::cli {

/// A size as xl's commands take it: digits, and one of b, k, m, g, t or nothing, which is m. In
/// KiB. Throws Errc::invalid_config.   [tools/xl/xl_parse.c parse_mem_size_kb]
std::uint64_t parse_memory_size(std::string_view text);

} // namespace pvh::cli
