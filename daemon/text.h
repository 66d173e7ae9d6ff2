// SPDX-License-Identifier: LGPL-2.1-or-later
// Text that others chose, made fit for our log and our JSON.
#pragma once

#include <string>
#include <string_view>

namespace pvh::daemon {

/// What a guest or a foreign tool put into xenstore: valid UTF-8, at most so many bytes.
std::string guest_text(std::string_view text, std::size_t max_bytes = 4096);

/// For a log line: controls, quotes and backslashes escaped, at most 80 bytes of it, whole
/// characters. Nobody forges a second line, and nothing in it makes journalctl hide the line.
std::string printable(std::string_view text);

/// A whole message as one entry of a log that is lines of text: further lines of its own are
/// indented, other controls escaped, so that no text that somebody else chose looks like an entry.
std::string log_entry(std::string_view message);

} // namespace pvh::daemon
