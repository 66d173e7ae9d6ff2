// SPDX-License-Identifier: LGPL-2.1-or-later
// The console ring, written to whether or not anybody reads it.
#pragma once

#include "tests/probe/text.h"

namespace pvh::probe {

/// Finds ring and port by the HVM params; without them the console stays silent.
void open_console();
/// Of its indices, those that were nobody's to move before the domain ran were 0.
bool console_began_empty();

/// Writes a line. Waits for room, in all no longer than a few seconds; then what does not fit is
/// lost.
void say_on_console(Text text);

/// Waits, as long at most, until everything has been read.
void drain_console();

} // namespace pvh::probe
