// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/context.h"

#include <CLI/App.hpp>

namespace pvh::cli {

/// How a command that lists things tells them. JSON is Context::json.
enum class OutputForm { table, wide, name };

/// -o, --output: wide, name or json.
void add_output_option(::CLI::App& command, OutputForm& form, Context& context);

} // namespace pvh::cli
