// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/diagnostics.h"
#include "config/settings.h"

namespace pvh::config {

/// Holds each setting against the option table: unknown names, shapes of values, and what this
/// release does not do for PVH. Marks what it complains about as faulty, so that afterwards every
/// sound setting of the table has its shape.
void check_options(Settings& settings, Diagnostics& diagnostics);

} // namespace pvh::config
