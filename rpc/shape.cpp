// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/shape.h"

#include "rpc/limits.h"
#include "rpc/protocol_error.h"

#include <fmt/format.h>

namespace pvh::rpc {

namespace {

/// Counts what opens and separates values; brackets inside strings are text.
class ShapeScanner {
  public:
    void feed(char c) {
        if (is_in_string_)
            feed_string(c);
        else if (c == '"')
            is_in_string_ = true;
        else if (c == '[' || c == '{')
            open();
        else if (c == ']' || c == '}')
            close();
        else if (c == ',')
            count_value();
    }

  private:
    void feed_string(char c) {
        if (is_escaped_)
            is_escaped_ = false;
        else if (c == '\\')
            is_escaped_ = true;
        else if (c == '"')
            is_in_string_ = false;
    }

    void open() {
        if (++depth_ > kMaxDepth)
            throw ProtocolError{kInvalidRequest,
                                fmt::format("the request nests deeper than {} levels", kMaxDepth)};
        count_value();
    }

    // An excess of closing brackets is for the parser to refuse; here it must only not wrap.
    void close() {
        if (depth_ > 0) --depth_;
    }

    void count_value() {
        if (++values_ > kMaxValues)
            throw ProtocolError{kInvalidRequest,
                                fmt::format("the request holds more than {} values", kMaxValues)};
    }

    unsigned depth_{0};
    std::size_t values_{0};
    bool is_in_string_{false};
    bool is_escaped_{false};
};

} // namespace

void check_shape(std::string_view text) {
    ShapeScanner scanner;
    for (const char c : text)
        scanner.feed(c);
}

} // namespace pvh::rpc
