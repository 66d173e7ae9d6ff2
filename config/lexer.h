// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes to tokens.   [tools/libs/util/libxlu_cfg_l.l]
#pragma once

#include "config/diagnostics.h"
#include "config/source.h"

#include <cstdint>
#include <vector>

namespace pvh::config {

enum class TokenKind : std::uint8_t {
    ident,  // [a-z][._0-9a-z]*
    number, // [0-9][0-9a-fx]*; whether it is one, the reader of the key decides
    word,   // any other run of bytes, e.g. Memory, on-crash, 1.5, /boot/vmlinuz: never valid in a
            // file
    string, // with its quotes
    faulty_string, // one that was complained about
    comma,
    open_list,
    close_list,
    assign,
    append, // +=
    semicolon,
    newline, // with a comment before it, if there is one; several in a row are one
    other,   // one byte that starts nothing: + ( ) { }
    end,
};

struct Token {
    TokenKind kind{};
    Span span;
};

/// The tokens of source `index`, ended by TokenKind::end. Faults inside strings are reported here,
/// once. Takes more than xl does: CRLF line ends, a byte-order mark, and a comment that ends with
/// the file, each with one warning.
std::vector<Token> tokenize(const Sources& sources, std::uint32_t index, Diagnostics& diagnostics);

} // namespace pvh::config
