// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/option_table.h"

#include <string>

namespace pvh::config {

/// pvhd.cfg(5), as scdoc reads it, from the option table.
std::string manual_page();

/// What a manual says of one option, as scdoc reads it.
std::string manual_entry(const Option& option);

} // namespace pvh::config
