// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/string_literal.h"

#include "config/diagnostics.h"

#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace pvh::config {

namespace {

constexpr std::size_t kMaxFaults = 5;

constexpr std::array<std::pair<char, char>, 10> kEscapes{{{'\\', '\\'},
                                                          {'"', '"'},
                                                          {'\'', '\''},
                                                          {'a', '\a'},
                                                          {'b', '\b'},
                                                          {'f', '\f'},
                                                          {'n', '\n'},
                                                          {'r', '\r'},
                                                          {'t', '\t'},
                                                          {'v', '\v'}}};

std::optional<char> meaning_of(char escape) {
    for (const auto& [letter, byte] : kEscapes)
        if (letter == escape) return byte;
    return std::nullopt;
}

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

LiteralFault bad_escape(std::uint32_t at, char letter) {
    if (letter == 'x')
        return {at, at + 2, "\\x escapes are not supported (xl rejects them too)", ""};
    if (is_octal(letter))
        return {at, at + 2, "octal escapes are not supported (xl drops the byte)", ""};
    return {
        at, at + 2, fmt::format("unknown escape {}", in_quotes(std::string{'\\', letter})),
        fmt::format("for a backslash write two: {}", in_quotes(std::string{'\\', '\\', letter}))};
}

/// A walk over the body of a string: one step is one byte of its value.
class Walk {
  public:
    Walk(std::string_view text, std::uint32_t begin)
        : text_{text}, quote_{text.at(begin)}, at_{begin + 1} {}

    [[nodiscard]] bool at_end() const {
        return at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == quote_ ||
               is_lone_backslash();
    }

    [[nodiscard]] bool closed() const { return at_ < text_.size() && text_[at_] == quote_; }

    [[nodiscard]] std::uint32_t at() const { return at_; }

    /// Whether the byte here begins an escape; at_end() is false.
    [[nodiscard]] bool at_escape() const { return text_[at_] == '\\'; }

    [[nodiscard]] char here() const { return text_[at_]; }

    [[nodiscard]] char letter() const { return text_[at_ + 1]; }

    void step() { at_ += at_escape() ? 2U : 1U; }

  private:
    /// A backslash joins no lines: before a line end it leaves the string open.
    [[nodiscard]] bool is_lone_backslash() const {
        return text_[at_] == '\\' && (at_ + 1 >= text_.size() || text_[at_ + 1] == '\n');
    }

    std::string_view text_;
    char quote_;
    std::uint32_t at_;
};

void add_fault(Literal& literal, LiteralFault fault) {
    if (literal.faults.size() < kMaxFaults) literal.faults.push_back(std::move(fault));
}

void read_byte(const Walk& walk, Literal& literal) {
    if (!walk.at_escape()) {
        if (walk.here() == '\0') // xl aborts on it, and no consumer of a value could hold it
            add_fault(literal, {walk.at(), walk.at() + 1, "a string cannot hold a NUL byte", ""});
        literal.value += walk.here();
        return;
    }
    const auto byte = meaning_of(walk.letter());
    if (!byte) add_fault(literal, bad_escape(walk.at(), walk.letter()));
    literal.value += byte.value_or('?');
}

} // namespace

Literal read_literal(std::string_view text, std::uint32_t begin) {
    Literal literal;
    Walk walk{text, begin};
    for (; !walk.at_end(); walk.step())
        read_byte(walk, literal);
    literal.closed = walk.closed();
    literal.end = literal.closed ? walk.at() + 1 : walk.at();
    return literal;
}

std::uint32_t offset_in_literal(std::string_view text, std::uint32_t begin, std::size_t index) {
    Walk walk{text, begin};
    for (; !walk.at_end() && index > 0; --index)
        walk.step();
    return walk.at();
}

} // namespace pvh::config
