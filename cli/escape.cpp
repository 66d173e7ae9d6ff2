// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/escape.h"

#include <cstdint>
#include <iterator>

#include <fmt/format.h>

namespace pvh::cli {

namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

bool is_continuation(unsigned byte) {
    return (byte & 0xC0U) == 0x80U;
}

/// Length of the well-formed sequence at `i`, or 0.
std::size_t sequence_length(std::string_view text, std::size_t i) {
    const unsigned lead = byte_at(text, i);
    const unsigned second = byte_at(text, i + 1);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4 || !is_continuation(second)) return 0;
    if (lead < 0xE0) return 2;
    // Neither overlong, nor a surrogate, nor beyond U+10FFFF.
    const bool is_odd = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    if (is_odd || !is_continuation(byte_at(text, i + 2))) return 0;
    if (lead < 0xF0) return 3;
    return is_continuation(byte_at(text, i + 3)) ? 4 : 0;
}

} // namespace

std::string escape_controls(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned byte = byte_at(text, i);
        const unsigned second = byte_at(text, i + 1);
        const bool is_c0 = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
        const bool is_c1 = byte == 0xC2 && second >= 0x80 && second < 0xA0;
        if (is_c0)
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
        else if (is_c1)
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte_at(text, ++i));
        else
            out += text[i];
    }
    return out;
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = sequence_length(text, i);
        if (length == 0) return i;
        i += length;
    }
    return std::nullopt;
}

} // namespace pvh::cli
