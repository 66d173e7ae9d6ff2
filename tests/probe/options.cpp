// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/probe/options.h"

#include "tests/probe/guest_map.h"

namespace pvh::probe {

namespace {

std::size_t length(const char* text) {
    std::size_t n = 0;
    while (text[n] != '\0')
        ++n;
    return n;
}

bool begins_with(Text text, const char* word) {
    const std::size_t n = length(word);
    if (text.size < n) return false;
    for (std::size_t i = 0; i < n; ++i)
        if (text.begin[i] != word[i]) return false;
    return true;
}

/// What comes before the first `separator`, or all of it.
Text first_part(Text text, char separator) {
    std::size_t n = 0;
    while (n < text.size && text.begin[n] != separator)
        ++n;
    return {text.begin, n};
}

/// What comes behind a part and its separator.
Text behind(Text text, Text part) {
    const std::size_t n = part.size < text.size ? part.size + 1 : text.size;
    return {text.begin + n, text.size - n};
}

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

u64 parse(Text text, int base) {
    u64 value = 0;
    for (std::size_t i = 0; i < text.size && digit(text.begin[i]) < base; ++i)
        value = value * static_cast<u64>(base) + static_cast<u64>(digit(text.begin[i]));
    return value;
}

bool equal(Text text, const char* word) {
    return begins_with(text, word) && text.size == length(word);
}

} // namespace

bool Option::is(const char* word) const {
    return given && equal(value, word);
}

u64 Option::number() const {
    return parse(value, 10);
}

u64 Option::hex_number() const {
    return parse(value, 16);
}

Option option(const char* key) {
    const hvm_start_info* info = start_info();
    if (info == nullptr) return {false, {"", 0}};
    const CommandLine line = command_line_at(info->cmdline_paddr);
    Text rest{line.text, line.size};
    while (rest.size > 0) {
        const Text word = first_part(rest, ' ');
        const Text name = first_part(word, '=');
        if (name.size < word.size && equal(name, key)) return {true, behind(word, name)};
        rest = behind(rest, word);
    }
    return {false, {"", 0}};
}

bool wanted(const char* group, bool by_default) {
    const Option run = option("probe.run");
    if (!run.given) return by_default;
    Text rest = run.value;
    while (rest.size > 0) {
        const Text word = first_part(rest, ',');
        if (equal(word, group) || equal(word, "all")) return true;
        rest = behind(rest, word);
    }
    return false;
}

ModuleOption module_option() {
    const Option given = option("probe.module");
    const Text size = first_part(given.value, ':');
    return {.given = given.given,
            .size = parse(size, 10),
            .crc = static_cast<u32>(parse(behind(given.value, size), 16))};
}

} // namespace pvh::probe
