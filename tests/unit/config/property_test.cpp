// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever can be written in the language is read back as it was meant, however it is laid out.
#include "config/diagnostics.h"
#include "config/parser.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pvh::config::test {
namespace {

/// A value without places.
struct Tree {
    bool is_list{};
    std::string text;
    std::vector<Tree> items;

    friend bool operator==(const Tree&, const Tree&) = default;
};

struct Line {
    std::string key;
    bool is_append{};
    Tree value;

    friend bool operator==(const Line&, const Line&) = default;
};

rc::Gen<std::string> any_key() {
    return rc::gen::apply(
        [](char first, const std::string& rest) { return first + rest; },
        rc::gen::inRange('a', static_cast<char>('z' + 1)),
        rc::gen::container<std::string>(rc::gen::elementOf(std::string_view{"abcxyz0189._"})));
}

/// Any bytes but NUL, which no string can hold.
rc::Gen<std::string> any_text() {
    return rc::gen::container<std::string>(rc::gen::nonZero<char>());
}

Tree any_tree(unsigned depth) {
    Tree tree;
    tree.is_list = depth > 0 && *rc::gen::inRange(0, 3) == 0;
    if (!tree.is_list) {
        tree.text = *any_text();
        return tree;
    }
    const int count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i)
        tree.items.push_back(any_tree(depth - 1));
    return tree;
}

std::string printed(const std::string& text) {
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v";
    constexpr std::string_view kLetters = "abfnrtv";
    const char quote = *rc::gen::element('"', '\'');
    std::string out{quote};
    for (const char c : text) {
        const std::size_t letter = kMeanings.find(c);
        if (letter != std::string_view::npos)
            out += std::string{'\\', kLetters[letter]};
        else if (c == '\\' || c == quote)
            out += std::string{'\\', c};
        else
            out += c;
    }
    return out + quote;
}

/// Blanks, and inside lists lines and comments.
std::string any_gap(bool may_break) {
    const auto blanks = *rc::gen::container<std::string>(rc::gen::element(' ', '\t'));
    if (!may_break || *rc::gen::inRange(0, 3) != 0) return blanks;
    return blanks + *rc::gen::element<std::string>("\n", "\n\n", " # \"it\n");
}

std::string printed(const Tree& tree) {
    if (!tree.is_list) return printed(tree.text);
    std::string out = "[" + any_gap(true);
    for (std::size_t i = 0; i < tree.items.size(); ++i)
        out += printed(tree.items[i]) + any_gap(true) + (i + 1 < tree.items.size() ? "," : "") +
               any_gap(true);
    if (!tree.items.empty() && *rc::gen::arbitrary<bool>()) out += "," + any_gap(true);
    return out + "]";
}

std::string printed(const Line& line) {
    return any_gap(false) + line.key + any_gap(false) + (line.is_append ? "+=" : "=") +
           any_gap(false) + printed(line.value) + any_gap(false) +
           *rc::gen::element<std::string>("\n", ";", " # x\n", "\n;\n");
}

Tree tree_of(const Value& value) {
    Tree tree;
    tree.is_list = value.kind == ValueKind::list;
    tree.text = value.text;
    for (const Value& item : value.items)
        tree.items.push_back(tree_of(item));
    return tree;
}

RC_GTEST_PROP(Language, PrintedAndParsedIsTheSame, ()) {
    std::vector<Line> lines;
    std::string text;
    const int count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) {
        lines.push_back({*any_key(), *rc::gen::arbitrary<bool>(), any_tree(3)});
        text += printed(lines.back());
    }
    const Sources sources{{"t.cfg", text}};
    Diagnostics diagnostics{sources};
    std::vector<Line> parsed;
    for (const Assignment& assignment : parse(sources, 0, diagnostics))
        parsed.push_back(
            {assignment.key, assignment.op == AssignmentOp::append, tree_of(assignment.value)});
    RC_ASSERT(diagnostics.render() == "");
    RC_ASSERT(parsed == lines);
}

RC_GTEST_PROP(Language, EveryByteOfAValueIsFoundWhereItStands, ()) {
    const std::string value = *rc::gen::nonEmpty(any_text());
    const std::string text = "extra = " + printed(value) + "\n";
    const Sources sources{{"t.cfg", text}};
    Diagnostics diagnostics{sources};
    const auto assignments = parse(sources, 0, diagnostics);
    RC_ASSERT(assignments.size() == 1U);
    const auto index = *rc::gen::inRange<std::size_t>(0, value.size());
    const Span span = span_inside(sources, assignments.front().value, index);
    const char there = text.at(span.begin);
    RC_ASSERT(there == value.at(index) || there == '\\');
}

} // namespace
} // namespace pvh::config::test
