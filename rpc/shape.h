// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace pvh::rpc {

/// Throws ProtocolError if JSON text nests deeper than kMaxDepth or holds more than kMaxValues
/// values. To be asked before a DOM is built: nlohmann/json parses a million '[' happily, and then
/// copying or dumping that value overflows the stack. Says nothing about whether the text is JSON.
void check_shape(std::string_view text);

} // namespace pvh::rpc
