// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace pvh::host {

/// An attribute's text without the line's end; empty if it is not there.
std::string read_attribute(const std::string& path);

/// Names in a folder; none if it is not there.
std::vector<std::string> list_folder(const std::string& path);

/// Where a symbolic link points, by its text; empty if it is none.
std::string read_link(const std::string& path);

/// Words of others for a message of ours: one line, without control bytes, not too long.
std::string plain_line(std::string text);

bool exists(const std::string& path);

} // namespace pvh::host
