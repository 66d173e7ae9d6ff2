// SPDX-License-Identifier: LGPL-2.1-or-later
// The syntax tree: what was written, where. What it means is decided by the reader of each key.
#pragma once

#include "config/source.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pvh::config {

enum class ValueKind : std::uint8_t {
    string, // "..." or '...'
    number, // 512, 0x200; also what merely looks like one, e.g. 10ab
    word,   // without quotes; on the command line only
    list,
    missing, // the line holds none that can be read
};

// NOLINTNEXTLINE(misc-no-recursion): a list holds values; the parser bounds the depth
struct Value {
    ValueKind kind{};
    Span span;
    std::string text;         // of what is no list: escapes resolved
    std::vector<Value> items; // of a list
};

enum class AssignmentOp : std::uint8_t { set, append };

/// One `key = value` or `key += value`.
struct Assignment {
    std::string key;
    Span key_span;
    AssignmentOp op{};
    Value value;
    bool is_faulty = false; // not all of its text could be read
};

/// Where byte `index` of a value's text stands, one byte wide. `value` is no list.
Span span_inside(const Sources& sources, const Value& value, std::size_t index);

} // namespace pvh::config
