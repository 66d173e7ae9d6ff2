// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/diagnostics.h"
#include "config/option_table.h"
#include "config/settings.h"

#include <optional>

namespace pvh::config {

/// Why a setting does not have the shape its option wants, at the place where it goes wrong;
/// nothing if it has.
std::optional<Diagnostic> shape_fault(const Option& option, const Setting& setting);

} // namespace pvh::config
