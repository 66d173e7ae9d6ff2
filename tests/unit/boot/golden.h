// SPDX-License-Identifier: LGPL-2.1-or-later
// Golden files: hex bytes with what they mean behind '#'. "??" stands for any byte (the version of
// iasl, say).
#pragma once

#include "libdomain/core/bytes_view.h"

#include <cctype>
#include <cstddef>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace pvh::boot::test {

struct GoldenByte {
    std::optional<std::byte> value; // nothing: any
    unsigned line{};
    std::string meaning;
};

inline std::vector<GoldenByte> read_golden(const std::string& name) {
    const std::string path = std::string{PVH_SOURCE_DIR} + "/tests/golden/" + name;
    std::ifstream file{path};
    if (!file) throw std::runtime_error{"cannot open " + path};
    std::vector<GoldenByte> bytes;
    std::string text;
    for (unsigned line = 1; std::getline(file, text); ++line) {
        const auto hash = text.find('#');
        const std::string meaning = hash == std::string::npos ? "" : text.substr(hash + 1);
        std::istringstream words{text.substr(0, hash)};
        for (std::string word; words >> word;) {
            std::optional<std::byte> value;
            if (word != "??") value = static_cast<std::byte>(std::stoul(word, nullptr, 16));
            bytes.push_back({value, line, meaning});
        }
    }
    return bytes;
}

/// Empty if equal; else the first difference, in the words of the golden file.
inline std::string first_difference(BytesView actual, const std::string& name) {
    const auto expected = read_golden(name);
    for (std::size_t i = 0; i < expected.size() && i < actual.size(); ++i) {
        const std::byte byte = actual.span()[i];
        if (expected[i].value && *expected[i].value != byte)
            return fmt::format("{}:{}:{} offset {:#x}: expected {:02x}, got {:02x}", name,
                               expected[i].line, expected[i].meaning, i,
                               std::to_integer<unsigned>(*expected[i].value),
                               std::to_integer<unsigned>(byte));
    }
    if (expected.size() != actual.size())
        return fmt::format("{}: expected {} bytes, got {}", name, expected.size(), actual.size());
    return {};
}

} // namespace pvh::boot::test
