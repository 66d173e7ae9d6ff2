// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/text.h"

#include "rpc/parse.h"

#include <fmt/format.h>

namespace pvh::daemon {

std::string guest_text(std::string_view text, std::size_t max_bytes) {
    return rpc::valid_utf8(text, max_bytes);
}

std::string printable(std::string_view text) {
    constexpr std::size_t kLongest = 80;
    std::string out;
    for (const char c : text.substr(0, kLongest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || c == '"' || c == '\\')
            out += fmt::format("\\x{:02x}", byte);
        else
            out += c;
    }
    if (text.size() > kLongest) out += "...";
    return out;
}

} // namespace pvh::daemon
