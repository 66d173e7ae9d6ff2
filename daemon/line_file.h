// SPDX-License-Identifier: LGPL-2.1-or-later
// Files that grow by a line for each thing that happened. They are to survive this process, not
// the host: what they tell ends with it, so nothing is synced.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace pvh::daemon {

/// Hands out each line without its LF. A last one without LF is left out: its writer was stopped
/// before anybody could know of it. Nothing if there is no such file; throws Error if it cannot be
/// read, is no regular file or longer than 64 MiB.
void for_each_line(const std::string& path, std::string_view role,
                   const std::function<void(std::string_view)>& take);

/// Throws Error, the file is then as it was or, on a full disk, may end in a piece of `text`.
void append_to_file(const std::string& path, const std::string& text);

/// Whoever reads sees the old content or the new one. Throws Error.
void replace_file(const std::string& path, const std::string& text);

} // namespace pvh::daemon
