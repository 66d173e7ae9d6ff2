// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/context.h"

#include <functional>
#include <string>
#include <vector>

namespace pvh::cli {

/// As run_pvhctl, for who calls us by the name of xl: its global options, its commands and their
/// unambiguous beginnings, its options, and its three exit statuses.   [tools/xl/xl.c main]
int run_xl(const std::vector<std::string>& arguments, Context& context,
           const std::function<void(const std::string&)>& use_socket);

} // namespace pvh::cli
