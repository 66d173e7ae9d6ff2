// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pvh::cli {

/// `text` with control bytes as \xHH, so that no name can drive a terminal: C0 but for tab and
/// newline, DEL, and the C1 controls in their UTF-8 form.
std::string escape_controls(std::string_view text);

/// Where the first byte stands that is not UTF-8.   [RFC 3629, section 4]
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

} // namespace pvh::cli
