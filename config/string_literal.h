// SPDX-License-Identifier: LGPL-2.1-or-later
// Quoted strings of xl.cfg and the escapes in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::config {

struct LiteralFault {
    std::uint32_t begin{};
    std::uint32_t end{};
    std::string message;
    std::string hint;
};

struct Literal {
    std::string value; // escapes resolved
    std::uint32_t end{};
    bool closed = true; // false: the line ended first
    std::vector<LiteralFault> faults;
};

/// Reads the string whose opening quote is at `begin`. Bytes from 0x80 pass through.
///
/// Escapes: \\ \" \' \a \b \f \n \r \t \v. What xl documents beyond that does not work in any of
/// its releases (it refuses \xHH and drops the byte of \ooo), so nobody relies on it, and both are
/// faults here.   [libxlu_cfg.c xlu__cfgl_dequote]
Literal read_literal(std::string_view text, std::uint32_t begin);

/// Where in `text` byte `index` of that string's value stands: for a complaint about a part of a
/// value.
std::uint32_t offset_in_literal(std::string_view text, std::uint32_t begin, std::size_t index);

} // namespace pvh::config
