// SPDX-License-Identifier: LGPL-2.1-or-later
// Tokens to assignments.   [tools/libs/util/libxlu_cfg_y.y]
#pragma once

#include "config/diagnostics.h"
#include "config/source.h"
#include "config/syntax.h"

#include <cstdint>
#include <vector>

namespace pvh::config {

/// Parses source `index`. Each fault is reported once, and reading goes on behind it, so that one
/// pass shows all of them. What is faulty is among the assignments as far as its key can be told.
///
///     file       : { statement }
///     statement  : [ assignment ] ( NEWLINE | ";" )           -- the last line need not be ended
///     assignment : IDENT ( "=" | "+=" ) value
///     value      : STRING | NUMBER | "[" { NEWLINE } [ values [ "," { NEWLINE } ] ] "]"
///     values     : value { NEWLINE } { "," { NEWLINE } value { NEWLINE } }
std::vector<Assignment> parse(const Sources& sources, std::uint32_t index,
                              Diagnostics& diagnostics);

/// Parses an argument of the command line: as parse, and where that would fail, `key=text` and
/// `key+=text` take the text as it is, so that a shell needs no second pair of quotes (extra=hi,
/// kernel=/boot/vmlinuz).
std::vector<Assignment> parse_override(const Sources& sources, std::uint32_t index,
                                       Diagnostics& diagnostics);

} // namespace pvh::config
