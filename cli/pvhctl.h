// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/context.h"

#include <functional>
#include <string>
#include <vector>

namespace pvh::cli {

/// Runs the command that `arguments` (without the program's name) give, and returns the exit
/// status. Throws nothing but bad_alloc. `use_socket` is told the path of the daemon's socket
/// before anything is called.
int run_pvhctl(const std::vector<std::string>& arguments, Context& context,
               const std::function<void(const std::string&)>& use_socket);

} // namespace pvh::cli
