// SPDX-License-Identifier: LGPL-2.1-or-later
// A file and the options of a command line behind it, read as one config.
#pragma once

#include "config/diagnostics.h"
#include "config/source.h"
#include "config/syntax.h"

#include <string>
#include <string_view>
#include <vector>

namespace pvh::config {

inline constexpr std::string_view kCommandLine = "<command line>";

/// Views of the texts, which must outlive them. Throws Errc::invalid_config if they are too long,
/// or too many.
Sources collect_sources(const Source& file, const std::vector<std::string>& overrides);

std::vector<Assignment> parse_all(const Sources& sources, Diagnostics& diagnostics);

} // namespace pvh::config
