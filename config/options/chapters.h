// SPDX-License-Identifier: LGPL-2.1-or-later
// The option table by chapters of the manual; option_table.h joins them.
#pragma once

#include "config/option_table.h"

namespace pvh::config {

std::span<const Option> general_options();
std::span<const Option> cpu_options();
std::span<const Option> memory_options();
std::span<const Option> boot_options();
std::span<const Option> platform_options();
std::span<const Option> device_options();
std::span<const Option> options_without_effect();

} // namespace pvh::config
