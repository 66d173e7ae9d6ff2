// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace pvh::rpc {

/// At most 64 bytes of what a client sent, for a message.
std::string shortened(std::string_view text);

} // namespace pvh::rpc
