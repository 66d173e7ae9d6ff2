// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/parser.h"

#include "config/bare_word.h"
#include "config/complaints.h"
#include "config/lexer.h"
#include "config/limits.h"
#include "config/option_table.h"
#include "config/string_literal.h"

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace pvh::config {

namespace {

bool is_closing(std::string_view bracket) {
    return bracket == ")" || bracket == "}";
}

class Parser {
  public:
    Parser(const Sources& sources, std::uint32_t index, Diagnostics& diagnostics)
        : sources_{sources}, diagnostics_{diagnostics}, tokens_{tokenize(sources, index,
                                                                         diagnostics)} {}

    std::vector<Assignment> run() {
        while (!is(TokenKind::end) && may_go_on())
            if (!accept(TokenKind::newline) && !accept(TokenKind::semicolon)) read_statement();
        return std::move(assignments_);
    }

  private:
    /// A text with more faults than anybody is shown is not worth the rest of its bytes.
    bool may_go_on() {
        if (!diagnostics_.wants_errors() && !gave_up_) stop();
        return !gave_up_;
    }

    void stop() {
        gave_up_ = true;
        at_ = tokens_.size() - 1;
    }

    // -- tokens: the last one is `end` and is never left behind

    [[nodiscard]] const Token& here() const { return tokens_[at_]; }

    [[nodiscard]] const Token& next() const {
        return tokens_[std::min(at_ + 1, tokens_.size() - 1)];
    }

    [[nodiscard]] bool is(TokenKind kind) const { return here().kind == kind; }

    void advance() {
        if (!is(TokenKind::end)) ++at_;
    }

    bool accept(TokenKind kind) {
        if (!is(kind)) return false;
        advance();
        return true;
    }

    void skip_newlines() {
        while (accept(TokenKind::newline)) {
        }
    }

    void skip_line() {
        while (!is(TokenKind::newline) && !is(TokenKind::end))
            advance();
    }

    /// Whether a statement begins here, at the beginning of a line: inside a list that means that
    /// its "]" was forgotten.
    [[nodiscard]] bool at_assignment() const {
        return is(TokenKind::ident) && at_ > 0 && tokens_[at_ - 1].kind == TokenKind::newline &&
               (next().kind == TokenKind::assign || next().kind == TokenKind::append);
    }

    [[nodiscard]] bool at_statement_end() const {
        return is(TokenKind::newline) || is(TokenKind::semicolon) || is(TokenKind::end);
    }

    // -- statements

    void read_statement() {
        if (!is(TokenKind::ident)) return fail_statement(bad_key(sources_, here()));
        const Token key = here();
        key_ = text_of(sources_, key.span);
        is_faulty_ = false;
        advance();
        if (!is(TokenKind::assign) && !is(TokenKind::append)) return fail_without_assign(key);
        const auto op = is(TokenKind::assign) ? AssignmentOp::set : AssignmentOp::append;
        advance();
        Value value = read_value_of_key(key);
        if (value.kind != ValueKind::missing && !at_statement_end())
            fail_statement(junk_after_value(sources_, key_, value.span, here()));
        add(key, op, std::move(value));
    }

    void add(const Token& key, AssignmentOp op, Value value) {
        assignments_.push_back({std::string{key_}, key.span, op, std::move(value), is_faulty_});
    }

    /// "import os" is no option that went wrong; "memory 512" is.
    void fail_without_assign(const Token& key) {
        fail_statement(missing_assign(sources_, key, here()));
        if (find_option(key_) != nullptr) add(key, AssignmentOp::set, missing_at(key.span));
    }

    Value read_value_of_key(const Token& key) {
        if (is(TokenKind::newline)) {
            fail_on_line_break();
        } else if (auto value = read_value(0)) {
            return std::move(*value);
        } else {
            skip_line();
        }
        return missing_at(key.span);
    }

    static Value missing_at(Span key) {
        return {.kind = ValueKind::missing, .span = key, .text = {}, .items = {}};
    }

    void complain(Diagnostic diagnostic) {
        is_faulty_ = true;
        diagnostics_.add(std::move(diagnostic));
    }

    void fail_statement(Diagnostic diagnostic) {
        is_faulty_ = true;
        // A faulty string has been complained about, and the rest of its line means nothing.
        if (!is(TokenKind::faulty_string)) diagnostics_.add(std::move(diagnostic));
        skip_line();
    }

    /// `key =` and the value on a line of its own: one complaint, and the value is skipped with it.
    void fail_on_line_break() {
        Diagnostic diagnostic = bad_value(sources_, key_, here());
        skip_newlines();
        if (is(TokenKind::open_list)) diagnostic.hint = "put \"[\" after it";
        complain(std::move(diagnostic));
        if (is(TokenKind::open_list) || is(TokenKind::string) || is(TokenKind::number))
            (void)read_value(0);
    }

    // -- values; reading one recurses into lists, kMaxListDepth deep at most
    // NOLINTBEGIN(misc-no-recursion)

    /// Nothing if there is none; that has been complained about.
    std::optional<Value> read_value(unsigned depth) {
        switch (here().kind) {
        case TokenKind::string:
            return count(read_string());
        case TokenKind::number:
            return count(read_number());
        case TokenKind::open_list:
            return count(read_list(depth));
        case TokenKind::faulty_string:
            is_faulty_ = true;
            advance();
            return std::nullopt;
        default:
            break;
        }
        complain(bad_value(sources_, key_, here()));
        skip_tuple();
        return std::nullopt;
    }

    std::optional<Value> count(std::optional<Value> value) {
        if (++values_ > kMaxValues && !gave_up_)
            give_up(here().span,
                    fmt::format("more than {} values, reading stops here", kMaxValues));
        return value;
    }

    void give_up(Span where, std::string message) {
        complain(error_at(where, std::move(message)));
        stop();
    }

    Value read_string() {
        const Span span = here().span;
        advance();
        return {.kind = ValueKind::string,
                .span = span,
                .text = read_literal(sources_[span.source].text, span.begin).value,
                .items = {}};
    }

    Value read_number() {
        const Span span = here().span;
        advance();
        return {.kind = ValueKind::number,
                .span = span,
                .text = std::string{text_of(sources_, span)},
                .items = {}};
    }

    /// ( a, b ) of Python, over several lines perhaps.
    void skip_tuple() {
        const std::string_view text = text_of(sources_, here().span);
        if (text != "(" && text != "{") return;
        while (!is(TokenKind::end) && !at_assignment()) {
            const bool closes = is(TokenKind::other) && is_closing(text_of(sources_, here().span));
            advance();
            if (closes) return;
        }
    }

    // -- lists: faults inside are reported and stepped over, so that "]" is found

    std::optional<Value> read_list(unsigned depth) {
        const Span open = here().span;
        advance();
        if (depth >= kMaxListDepth) return fail_depth(open);
        Value list{.kind = ValueKind::list, .span = open, .text = {}, .items = {}};
        skip_newlines();
        while (!is(TokenKind::close_list) && may_go_on()) {
            if (is(TokenKind::end) || is(TokenKind::semicolon) || at_assignment())
                return fail_open_list(open);
            read_item(list, depth);
        }
        if (gave_up_) return std::nullopt;
        list.span.end = here().span.end;
        advance();
        return list;
    }

    /// One item and the comma behind it, or the complaint about what stands there.
    void read_item(Value& list, unsigned depth) {
        if (is(TokenKind::comma)) {
            complain(junk_in_list(sources_, here()));
            advance();
            return skip_newlines();
        }
        if (is(TokenKind::other)) {
            complain(bad_value(sources_, key_, here()));
            skip_tuple();
            if (is(TokenKind::other)) advance();
        } else if (is(TokenKind::ident) || is(TokenKind::word)) {
            fail_bare_item();
        } else if (auto item = read_value(depth + 1)) {
            add_item(list, std::move(*item));
        } else if (!is(TokenKind::end)) {
            step_over_junk();
        }
        read_separator();
    }

    // NOLINTEND(misc-no-recursion)

    /// After a complaint that consumed nothing.
    void step_over_junk() {
        if (is(TokenKind::assign) || is(TokenKind::append)) advance();
    }

    /// An item without quotes, whatever it holds: one complaint.
    void fail_bare_item() {
        const std::size_t end = end_of_bare_item();
        Span item = here().span;
        item.end = tokens_[end - 1].span.end;
        complain(bare_item(sources_, key_, here(), item));
        at_ = end;
        skip_tuple(); // of a call
    }

    /// A comma without a blank behind it is the item's own: disks have such.
    [[nodiscard]] std::size_t end_of_bare_item() const {
        std::size_t end = at_ + 1;
        const auto is_part = [](const Token& token) {
            return token.kind == TokenKind::ident || token.kind == TokenKind::word ||
                   token.kind == TokenKind::number || token.kind == TokenKind::assign;
        };
        while (is_part(tokens_[end]) ||
               (tokens_[end].kind == TokenKind::comma && is_part(tokens_[end + 1]) &&
                tokens_[end].span.end == tokens_[end + 1].span.begin))
            ++end;
        return end;
    }

    void add_item(Value& list, Value item) {
        if (list.items.size() >= kMaxListItems)
            return give_up(item.span, fmt::format("more than {} items in a list", kMaxListItems));
        list.items.push_back(std::move(item));
    }

    void read_separator() {
        skip_newlines();
        if (accept(TokenKind::comma)) return skip_newlines();
        const bool may_stand = is(TokenKind::close_list) || is(TokenKind::end) ||
                               is(TokenKind::semicolon) || is(TokenKind::faulty_string) ||
                               at_assignment();
        if (may_stand) return;
        complain(junk_in_list(sources_, here()));
        if (!is(TokenKind::string) && !is(TokenKind::number) && !is(TokenKind::open_list))
            advance();
        skip_newlines();
    }

    std::optional<Value> fail_open_list(Span open) {
        if (!gave_up_) complain(error_at(open, "the list opened here is not closed"));
        return std::nullopt;
    }

    std::optional<Value> fail_depth(Span open) {
        give_up(open, fmt::format("lists nest deeper than {}", kMaxListDepth));
        return std::nullopt;
    }

    const Sources& sources_;
    Diagnostics& diagnostics_;
    std::vector<Token> tokens_;
    std::size_t at_{0};
    std::string_view key_;  // of the statement being read
    bool is_faulty_{false}; // something in it was complained about
    std::size_t values_{0};
    bool gave_up_{false}; // what follows is not read
    std::vector<Assignment> assignments_;
};

} // namespace

std::vector<Assignment> parse(const Sources& sources, std::uint32_t index,
                              Diagnostics& diagnostics) {
    return Parser{sources, index, diagnostics}.run();
}

std::vector<Assignment> parse_override(const Sources& sources, std::uint32_t index,
                                       Diagnostics& diagnostics) {
    Diagnostics strict{sources};
    auto assignments = parse(sources, index, strict);
    if (strict.has_errors()) {
        if (auto bare = parse_bare_word(sources, index, diagnostics)) return {std::move(*bare)};
        return parse(sources, index, diagnostics); // once more, for its complaints
    }
    if (assignments.empty())
        diagnostics.error({index, 0, 0}, fmt::format("{} assigns nothing, key=value is expected",
                                                     in_quotes(sources.at(index).text)));
    return assignments;
}

} // namespace pvh::config
