// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/diagnostics.h"
#include "config/option_table.h"
#include "config/settings.h"

#include <cstdint>

namespace pvh::config {

/// What becomes of names that are in no table.
enum class Unknown : std::uint8_t { warned, refused };

/// Holds each setting against the option table: unknown names, shapes of values, and what no PVH
/// domain has. Marks what it complains about as faulty, so that afterwards every sound setting of
/// the table has its shape.
void check_options(Settings& settings, Diagnostics& diagnostics, Unknown unknown);

/// Whether the setting asks for nothing that would not be done anyway, e.g. disk = [] or acpi = 1.
bool asks_for_nothing(const Option& option, const Setting& setting);

/// Refuses what a later release will do, once everything that can be read has been read.
void check_release(const Settings& settings, Diagnostics& diagnostics);

} // namespace pvh::config
