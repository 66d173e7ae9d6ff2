// SPDX-License-Identifier: LGPL-2.1-or-later
// Text that others chose, made fit for our log and our JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pvh::daemon {

/// What a guest or a foreign tool put into xenstore: valid UTF-8, at most so many bytes.
std::string guest_text(std::string_view text, std::size_t max_bytes = 4096);

/// For a log line: controls, quotes and backslashes escaped, at most 80 bytes of it, whole
/// characters. Nobody forges a second line, and nothing in it makes journalctl hide the line.
std::string printable(std::string_view text);

/// What is set among the first `count`, as xl prints CPUs and nodes: "0-3,5", "all" or "none".
/// [tools/xl/xl_utils.c print_bitmap]
std::string list_text(const std::vector<bool>& mask, std::size_t count);

/// A whole message as one entry of a log that is lines of text: further lines of its own are
/// indented, other controls escaped, so that no text that somebody else chose looks like an entry.
std::string log_entry(std::string_view message);

} // namespace pvh::daemon
