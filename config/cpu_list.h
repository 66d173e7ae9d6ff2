// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace pvh::config {

class SpecReader;

/// Lists of CPUs, as "0-3,^1" or "nodes:0": for all vCPUs, or one for each.
///
///     list : { "," } [ item { "," { "," } item } ]
///     item : { blank } [ "^" ] [ "node:" | "nodes:" ] ( "all" | N | N "-" N )
///
/// [tools/xl/xl_parse.c parse_range, update_cpumap_range]
void read_hard_affinity(SpecReader& reader);
void read_soft_affinity(SpecReader& reader);

} // namespace pvh::config
