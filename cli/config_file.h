// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace pvh::cli {

/// The text of a config: a regular file; "-" for standard input; /dev/null for none, where all of
/// it is on the command line. At most 1 MiB. Throws Errc::not_found, permission_denied or
/// invalid_config.
std::string read_config_text(const std::string& path);

/// What messages call it.
std::string config_display_name(const std::string& path);

/// The folder that relative paths in a config start from: where pvhctl was started, as with xl.
std::string current_directory();

} // namespace pvh::cli
