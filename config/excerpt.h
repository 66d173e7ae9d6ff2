// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/source.h"

#include <string>

namespace pvh::config {

/// The line `where` begins on and a line with a caret under it, each indented and ended. Long lines
/// are cut to a window around the caret; control bytes appear as '?', so that a config cannot write
/// to a terminal through its error messages.
std::string excerpt(const Sources& sources, Span where);

} // namespace pvh::config
