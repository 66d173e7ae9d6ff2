// SPDX-License-Identifier: LGPL-2.1-or-later
// Text that others chose, made fit for our log and our JSON.
#pragma once

#include <string>
#include <string_view>

namespace pvh::daemon {

/// What a guest or a foreign tool put into xenstore: valid UTF-8, at most so many bytes.
std::string guest_text(std::string_view text, std::size_t max_bytes = 4096);

/// For a log line: control bytes and quotes escaped, at most 80 bytes. Nobody forges a second line.
std::string printable(std::string_view text);

} // namespace pvh::daemon
