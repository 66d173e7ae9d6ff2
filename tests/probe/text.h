// SPDX-License-Identifier: LGPL-2.1-or-later
// One line of output, composed without a library: at most kLineSize characters, printable ASCII.
#pragma once

#include "tests/probe/machine.h"

namespace pvh::probe {

struct Hex {
    u64 value;
};

template <class T> constexpr Hex hex(T value) {
    return {static_cast<u64>(value)};
}

/// Text of a known length that need not end with a zero.
struct Text {
    const char* begin;
    std::size_t size;
};

class Line {
  public:
    static constexpr std::size_t kLineSize = 110;

    template <class... Parts> explicit Line(const Parts&... parts) { (add(parts), ...); }

    void add(const char* text);
    void add(Text text);
    void add(Hex number);

    void add(const Line& line) { add(line.text()); }

    template <class T> void add(T number) {
        if constexpr (T(-1) < T(0)) {
            if (number < 0) add("-");
            add_digits(number < 0 ? -static_cast<u64>(number) : static_cast<u64>(number), 10);
        } else {
            add_digits(number, 10);
        }
    }

    [[nodiscard]] Text text() const { return {buffer_, size_}; }

  private:
    void put(char c);
    void add_digits(u64 value, unsigned base);

    char buffer_[kLineSize] = {};
    std::size_t size_ = 0;
};

} // namespace pvh::probe
