// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/probe/text.h"

namespace pvh::probe {

void Line::add(const char* text) {
    while (*text != '\0')
        put(*text++);
}

void Line::add(Text text) {
    for (std::size_t i = 0; i < text.size; ++i)
        put(text.begin[i]);
}

void Line::add(Hex number) {
    add("0x");
    add_digits(number.value, 16);
}

void Line::put(char c) {
    if (size_ < kLineSize) buffer_[size_++] = c >= ' ' && c <= '~' ? c : '?';
}

void Line::add_digits(u64 value, unsigned base) {
    char reversed[20]; // 2^64 has 20 decimal digits
    std::size_t count = 0;
    do {
        reversed[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0)
        put(reversed[--count]);
}

} // namespace pvh::probe
