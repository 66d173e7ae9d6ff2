// SPDX-License-Identifier: LGPL-2.1-or-later
// The alphabet of xl.cfg, free of the process's locale.   [tools/libs/util/libxlu_cfg_l.l]
#pragma once

#include <algorithm>
#include <string_view>

namespace pvh::config {

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

constexpr bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

constexpr bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

constexpr char to_lower(char c) {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

/// [a-z][._0-9a-z]*
constexpr bool is_identifier(std::string_view text) {
    return !text.empty() && is_lower(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_lower(c) || is_digit(c) || c == '.' || c == '_'; });
}

/// [0-9][0-9a-fx]*: a superset of what is a number.
constexpr bool is_number_token(std::string_view text) {
    return !text.empty() && is_digit(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || c == 'x'; });
}

} // namespace pvh::config
