// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace pvh::config {

class SpecReader;

/// What a guest sees of CPUID, in either of xl's forms:
///
///     "host,NAME=VALUE,..."                     a number, or one of x, k and s
///     [ "LEAF[,SUBLEAF]:eax=<32 characters>,...", ... ]
///
/// Later ones win, bit by bit in the first form, by register in the second.
/// [xl.cfg(5), "cpuid"; tools/libs/light/libxl_cpuid.c]
void read_cpuid(SpecReader& reader);

} // namespace pvh::config
