// SPDX-License-Identifier: LGPL-2.1-or-later
// What a config may ask of its reader. A client of the daemon wrote it: each bound holds before
// memory is taken.
#pragma once

#include <cstddef>

namespace pvh::config {

inline constexpr std::size_t kMaxText = 1024UL * 1024;
/// Twice the longest kernel command line, so that one with escapes fits.
inline constexpr std::size_t kMaxLine = 128UL * 1024;
inline constexpr std::size_t kMaxOverrides = 1024;
/// Assignments and list items together, per source.
inline constexpr std::size_t kMaxValues = 65536;
/// Items of one list. The longest in real files are vnuma and disks: tens.
inline constexpr std::size_t kMaxListItems = 4096;
/// xl nests without bound; nothing in xl.cfg goes deeper than 2 (vnuma).
inline constexpr unsigned kMaxListDepth = 16;

/// Of each kind; the others are counted.
inline constexpr std::size_t kMaxErrorsShown = 20;
inline constexpr std::size_t kMaxWarningsShown = 50;

} // namespace pvh::config
