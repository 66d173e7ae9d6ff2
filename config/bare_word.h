// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/diagnostics.h"
#include "config/source.h"
#include "config/syntax.h"

#include <cstdint>
#include <optional>

namespace pvh::config {

/// Reads `key=text` or `key+=text` with everything behind the sign as the text; `=` drops blanks at
/// its ends. Nothing if there is no option name, no text, or the text begins like a string or a
/// list: then the grammar shall speak.
std::optional<Assignment> parse_bare_word(const Sources& sources, std::uint32_t index,
                                          Diagnostics& diagnostics);

} // namespace pvh::config
