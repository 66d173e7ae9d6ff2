// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/uuid.h"

#include <optional>
#include <string_view>

namespace pvh::daemon {

/// What tells of every domain's name, beside where it stands (/local/domain/N/name): libxl, and
/// we, write /vm/UUID/name with it. One watch for all of them, since C xenstored compares the path
/// of each change with every watch there is.   [tools/libs/light/libxl_domain.c
/// libxl__domain_rename]
inline constexpr const char* kNames = "/vm";

/// Whose name it is that changed at `path`: /vm/UUID/name.
std::optional<Uuid> named_at(std::string_view path);

} // namespace pvh::daemon
