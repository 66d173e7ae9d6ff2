// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace pvh {

/// The project's version, "major.minor.patch", as CMakeLists.txt gives it.
inline constexpr const char* kVersion = PVH_VERSION;

} // namespace pvh
