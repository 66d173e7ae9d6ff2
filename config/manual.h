// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace pvh::config {

/// pvhd.cfg(5), as scdoc reads it, from the option table.
std::string manual_page();

} // namespace pvh::config
