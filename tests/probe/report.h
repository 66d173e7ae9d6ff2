// SPDX-License-Identifier: LGPL-2.1-or-later
// Outcomes, one a line, on the console ring and on port 0xE9:
//   probe: NUMBER pass|fail|skip CLAUSE-ID WHAT-WAS-SEEN
#pragma once

#include "tests/probe/clauses.h"
#include "tests/probe/text.h"

namespace pvh::probe {

/// Writes "probe: " and the line.
void say(const Line& line);

/// The first and the last line of a run.
void begin_report();
void end_report();

void report_outcome(ClauseId clause, bool holds, const Line& seen);
void report_skip(ClauseId clause, const Line& reason);

template <class... Parts> void check(ClauseId clause, bool holds, const Parts&... seen) {
    report_outcome(clause, holds, Line{seen...});
}

template <class... Parts> void skip(ClauseId clause, const Parts&... reason) {
    report_skip(clause, Line{reason...});
}

/// Ends the domain as a crash, after this line.
[[noreturn]] void give_up(const Line& line);

} // namespace pvh::probe
