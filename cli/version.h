// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace pvh::cli {

// The build gives the project's version; the other one is for compilers run by hand.
#ifdef PVH_VERSION
inline constexpr const char* kVersion = PVH_VERSION;
#else
inline constexpr const char* kVersion = "0.1.0";
#endif

} // namespace pvh::cli
