// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

/// Parses text of an untrusted client: shape first, then syntax, then no duplicate keys (of which
/// nlohmann/json would keep the last, and an auditor read the first). Throws ProtocolError.
nlohmann::json parse_untrusted(std::string_view text);

/// One line of JSON without LF; bytes that are no UTF-8 become U+FFFD, where dump() alone would
/// throw.
std::string to_line(const nlohmann::json& value);

/// `text` with everything that is no UTF-8 replaced by U+FFFD and cut to `max_bytes`: for what
/// guests write.
std::string valid_utf8(std::string_view text, std::size_t max_bytes = 4096);

} // namespace pvh::rpc
