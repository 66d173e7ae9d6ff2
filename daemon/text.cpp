// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/text.h"

#include "rpc/parse.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

unsigned char byte_of(char c) {
    return static_cast<unsigned char>(c);
}

/// How many bytes the control character has that `text` begins with; 0: it is none. Of UTF-8 also
/// U+0080 to U+009F, among them a CSI that some terminals obey.
std::size_t control_length(std::string_view text) {
    if (byte_of(text[0]) < 0x20 || byte_of(text[0]) == 0x7f) return 1;
    const bool is_c1 = text.size() > 1 && byte_of(text[0]) == 0xc2 && byte_of(text[1]) >= 0x80 &&
                       byte_of(text[1]) <= 0x9f;
    return is_c1 ? 2 : 0;
}

std::string escaped(std::string_view text, std::string_view as_well) {
    std::string out;
    while (!text.empty()) {
        const bool is_named = as_well.find(text[0]) != std::string_view::npos;
        const std::size_t length = is_named ? 1 : control_length(text);
        for (const char c : text.substr(0, length))
            out += fmt::format("\\x{:02x}", byte_of(c));
        if (length == 0) out += text[0];
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

/// So many bytes at most that no character of UTF-8 is cut: journalctl hides a line that is none.
std::string_view whole_characters(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (byte_of(text[most]) & 0xc0U) == 0x80)
        --most;
    return text.substr(0, most);
}

} // namespace

std::string guest_text(std::string_view text, std::size_t max_bytes) {
    return rpc::valid_utf8(text, max_bytes);
}

std::string printable(std::string_view text) {
    constexpr std::size_t kLongest = 80;
    const std::string_view shown = whole_characters(text, kLongest);
    return escaped(shown, "\"\\") + (shown.size() < text.size() ? "..." : "");
}

std::string log_entry(std::string_view message) {
    std::string out;
    for (auto end = message.find('\n'); end != std::string_view::npos; end = message.find('\n')) {
        out += escaped(message.substr(0, end), "") + "\n    ";
        message.remove_prefix(end + 1);
    }
    return out + escaped(message, "");
}

std::string list_text(const std::vector<bool>& mask, std::size_t count) {
    const auto end = mask.begin() + static_cast<std::ptrdiff_t>(std::min(mask.size(), count));
    std::string text;
    for (auto first = std::find(mask.begin(), end, true); first != end;) {
        const auto last = std::find(first, end, false) - 1;
        if (first == mask.begin() && last + 1 == end) return "all";
        text += fmt::format("{}{}", text.empty() ? "" : ",", first - mask.begin());
        if (last != first) text += fmt::format("-{}", last - mask.begin());
        first = std::find(last + 1, end, true);
    }
    return text.empty() ? "none" : text;
}

} // namespace pvh::daemon
