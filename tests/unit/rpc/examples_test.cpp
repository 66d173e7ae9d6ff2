// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the exchanges of rpc/examples are shown: rpc/protocol.md and rpc/openrpc.json.
// PVH_WRITE_GOLDEN=1 writes both. That a daemon answers so is tested with the daemon.
#include "rpc/methods.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pvh::rpc {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 150;    // of a line in protocol.md
constexpr std::size_t kMostLines = 8;  // of one message
constexpr std::size_t kMostItems = 2;  // of an array
constexpr std::size_t kMostText = 240; // of a string
constexpr char kBreak = '\n';          // where a line may end

std::string path_of(const std::string& file) {
    return PVH_SOURCE_DIR "/rpc/" + file;
}

std::string read_text(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

json example_of(const Method& method) {
    return json::parse(read_text(path_of("examples/" + std::string{method.name} + ".json")),
                       nullptr, false);
}

/// Writes it if that is what the run is for, and compares.
void expect_in_tree(const std::string& file, const std::string& text) {
    if (std::getenv("PVH_WRITE_GOLDEN") != nullptr)
        std::ofstream{path_of(file), std::ios::binary} << text;
    EXPECT_TRUE(text == read_text(path_of(file))) << file << " is out of date";
}

// ---- protocol.md

std::string cut_text(const std::string& text) {
    if (text.size() <= kMostText) return json(text).dump();
    const std::string begin =
        json(text.substr(0, kMostText)).dump(-1, ' ', true, json::error_handler_t::ignore);
    return begin.substr(0, begin.size() - 1) + "...\"";
}

/// On one line, with kBreak wherever it may be broken, and without most of a long array or string.
std::string cut(const json& value) {
    if (value.is_string()) return cut_text(value);
    if (!value.is_structured()) return value.dump();
    std::string text;
    std::size_t count = 0;
    for (const auto& [name, member] : value.items()) {
        if (!text.empty()) text += std::string{","} + kBreak;
        if (value.is_array() && count++ == kMostItems) {
            text += "...";
            break;
        }
        text += (value.is_object() ? json(name).dump() + ":" : "") + cut(member);
    }
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(at, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

/// As an indented block, the first line of which has the sign.
std::string block_of(std::string_view sign, const json& message) {
    std::vector<std::string> lines{std::string{"    "}.append(sign) + " "};
    for (const std::string& part : split(cut(message), kBreak)) {
        if (lines.back().size() + part.size() > kWidth) lines.emplace_back("       ");
        lines.back() += part;
    }
    if (lines.size() > kMostLines) {
        lines.resize(kMostLines);
        lines.back() += "...";
    }
    std::string block;
    for (const std::string& line : lines)
        block += line + "\n";
    return block;
}

std::string shown(const json& example) {
    std::string block = block_of(">", example.at("request")) + block_of("<", example.at("answer"));
    for (const json& notification : example.value("notifications", json::array()))
        block += block_of("<", notification);
    return block;
}

/// The text with the exchange in the method's section: in the place of the one that is there, or
/// at the section's end.
std::string with_exchange(std::string text, std::string_view method, const std::string& exchange) {
    const std::size_t head = text.find("### " + std::string{method} + "\n");
    if (head == std::string::npos) return text; // which another test says
    const std::size_t end = std::min(text.find("\n## ", head), text.find("\n### ", head + 1));
    std::size_t begin = text.find("\n    > ", head);
    if (begin == std::string::npos || begin > end) {
        return text.insert(std::min(end, text.size()), "\n" + exchange);
    }
    std::size_t after = ++begin;
    while (text.compare(after, 4, "    ") == 0)
        after = text.find('\n', after) + 1;
    return text.replace(begin, after - begin, exchange);
}

TEST(Examples, AreShownInProtocolMd) {
    std::string text = read_text(path_of("protocol.md"));
    for (const Method& method : methods())
        if (const json example = example_of(method); example.is_object())
            text = with_exchange(std::move(text), method.name, shown(example));
    expect_in_tree("protocol.md", text);
}

// ---- openrpc.json

/// An Example Pairing Object.   [https://spec.open-rpc.org/#example-pairing-object]
json pairing_of(const json& example) {
    json params = json::array();
    const json sent = example.at("request").value("params", json::object());
    for (const auto& [name, value] : sent.items())
        params.push_back({{"name", name}, {"value", value}});
    return {{"name", "an exchange"},
            {"params", params},
            {"result", {{"name", "result"}, {"value", example.at("answer").at("result")}}}};
}

TEST(Examples, AreInTheOpenRpcDocument) {
    json document = describe_api("");
    document.at("info").erase("x-daemon-version"); // of the daemon that is asked
    json& described = document.at("methods");
    for (std::size_t i = 0; i < described.size(); ++i) {
        const json example = example_of(methods()[i]);
        ASSERT_TRUE(example.is_object()) << methods()[i].name << " has no example";
        described[i]["examples"] = json::array({pairing_of(example)});
    }
    expect_in_tree("openrpc.json", document.dump(1) + "\n");
}

} // namespace
} // namespace pvh::rpc
