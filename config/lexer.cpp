// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/lexer.h"

#include "config/characters.h"
#include "config/limits.h"
#include "config/string_literal.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace pvh::config {

namespace {

std::optional<TokenKind> punctuation(char c) {
    switch (c) {
    case ',':
        return TokenKind::comma;
    case '[':
        return TokenKind::open_list;
    case ']':
        return TokenKind::close_list;
    case '=':
        return TokenKind::assign;
    case ';':
        return TokenKind::semicolon;
    case '+':
    case '(':
    case ')':
    case '{':
    case '}':
        return TokenKind::other;
    default:
        return std::nullopt;
    }
}

/// What ends a run of bytes that is an identifier, a number or a stray word.
bool ends_word(char c) {
    return is_blank(c) || is_control(c) || c == '"' || c == '\'' || c == '#' || punctuation(c);
}

TokenKind classify_word(std::string_view word) {
    if (is_identifier(word)) return TokenKind::ident;
    if (is_number_token(word)) return TokenKind::number;
    return TokenKind::word;
}

class Lexer {
  public:
    Lexer(const Sources& sources, std::uint32_t index, Diagnostics& diagnostics)
        : text_{sources.at(index).text}, index_{index}, diagnostics_{diagnostics} {}

    std::vector<Token> run() {
        if (text_.starts_with("\xff\xfe") || text_.starts_with("\xfe\xff")) {
            diagnostics_.error(span(0, 2), "the text is UTF-16", "save it as UTF-8");
            at_ = size();
        }
        skip_byte_order_mark();
        check_line_lengths();
        while (at_ < text_.size() && diagnostics_.wants_errors())
            read_token();
        add(TokenKind::end, size());
        return std::move(tokens_);
    }

  private:
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(text_.size()); }

    [[nodiscard]] char here() const { return text_[at_]; }

    [[nodiscard]] char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

    [[nodiscard]] Span span(std::uint32_t begin, std::uint32_t end) const {
        return {.source = index_, .begin = begin, .end = end};
    }

    /// Ends a token that began at at_.
    void add(TokenKind kind, std::uint32_t end) {
        tokens_.push_back({kind, span(at_, end)});
        at_ = end;
    }

    void skip_byte_order_mark() {
        if (!text_.starts_with(kByteOrderMark)) return;
        at_ = static_cast<std::uint32_t>(kByteOrderMark.size());
        diagnostics_.warning(span(0, 0),
                             "the text begins with a UTF-8 byte-order mark, xl would refuse it",
                             "save it without one");
    }

    void check_line_lengths() {
        for (std::size_t begin = 0; begin < text_.size();) {
            const std::size_t end = std::min(text_.find('\n', begin), text_.size());
            if (end - begin > kMaxLine) {
                const auto at = static_cast<std::uint32_t>(begin);
                diagnostics_.error(span(at, at + 1), "this line is longer than " +
                                                         std::to_string(kMaxLine) + " bytes");
            }
            begin = end + 1;
        }
    }

    void read_token() {
        const char c = here();
        if (is_blank(c))
            ++at_;
        else if (c == '\n')
            add_newline(at_ + 1);
        else if (c == '#')
            read_comment();
        else if (c == '"' || c == '\'')
            read_string();
        else if (c == '+' && next() == '=')
            add(TokenKind::append, at_ + 2);
        else if (const auto kind = punctuation(c))
            add(*kind, at_ + 1);
        else if (is_control(c))
            read_control();
        else
            read_word();
    }

    void add_newline(std::uint32_t end) {
        const bool repeats = !tokens_.empty() && tokens_.back().kind == TokenKind::newline;
        if (repeats)
            at_ = end;
        else
            add(TokenKind::newline, end);
    }

    void read_comment() {
        const std::size_t end = text_.find('\n', at_);
        if (end != std::string_view::npos) return add_newline(static_cast<std::uint32_t>(end) + 1);
        diagnostics_.warning(span(at_, at_ + 1),
                             "this comment ends with the file, xl would refuse it",
                             "end the last line");
        at_ = size();
    }

    void read_string() {
        const Literal literal = read_literal(text_, at_);
        if (!literal.closed)
            diagnostics_.error(span(at_, at_ + 1),
                               "the string opened here is not closed on this line",
                               follows_string() ? "there are no triple quotes: write \\n for the "
                                                  "end of a line"
                                                : "");
        for (const LiteralFault& fault : literal.faults)
            diagnostics_.error(span(fault.begin, fault.end), fault.message, fault.hint);
        const bool sound = literal.closed && literal.faults.empty();
        add(sound ? TokenKind::string : TokenKind::faulty_string,
            literal.closed ? literal.end : end_of_open_string(literal.end));
    }

    /// An open string takes the rest of its line with it, in triple quotes that of their last line:
    /// nothing there can be trusted.
    [[nodiscard]] std::uint32_t end_of_open_string(std::uint32_t from) const {
        const std::size_t closing =
            follows_string() ? text_.find(std::string(3, here()), from) : std::string_view::npos;
        return line_end(closing == std::string_view::npos ? from
                                                          : static_cast<std::uint32_t>(closing));
    }

    /// As the third of three quotes does.
    [[nodiscard]] bool follows_string() const {
        return at_ >= 2 && text_[at_ - 1] == here() && text_[at_ - 2] == here();
    }

    [[nodiscard]] std::uint32_t line_end(std::uint32_t from) const {
        return static_cast<std::uint32_t>(std::min(text_.find('\n', from), text_.size()));
    }

    void read_control() {
        const bool ends_line = here() == '\r' && (next() == '\n' || at_ + 1 == text_.size());
        if (ends_line) {
            if (!std::exchange(warned_of_crlf_, true))
                diagnostics_.warning(span(at_, at_ + 1), "lines end in CR LF, xl would refuse them",
                                     "convert the file with dos2unix");
        } else {
            diagnostics_.error(span(at_, at_ + 1),
                               "stray control character " + in_quotes(text_.substr(at_, 1)));
        }
        ++at_;
    }

    void read_word() {
        std::uint32_t end = at_;
        while (end < text_.size() && !ends_word(text_[end]))
            ++end;
        add(classify_word(text_.substr(at_, end - at_)), end);
    }

    std::string_view text_;
    std::uint32_t index_;
    Diagnostics& diagnostics_;
    std::uint32_t at_{0};
    bool warned_of_crlf_{false};
    std::vector<Token> tokens_;
};

} // namespace

std::vector<Token> tokenize(const Sources& sources, std::uint32_t index, Diagnostics& diagnostics) {
    return Lexer{sources, index, diagnostics}.run();
}

} // namespace pvh::config
