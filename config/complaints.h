// SPDX-License-Identifier: LGPL-2.1-or-later
// What to say about text that is not in the language: the sentences, away from the grammar.
#pragma once

#include "config/diagnostics.h"
#include "config/lexer.h"
#include "config/source.h"

#include <string>
#include <string_view>

namespace pvh::config {

/// A token where an option name is expected.
Diagnostic bad_key(const Sources& sources, const Token& token);

/// A token where "=" is expected after the option name `key`.
Diagnostic missing_assign(const Sources& sources, const Token& key, const Token& token);

/// A token where the value of `key` is expected.
Diagnostic bad_value(const Sources& sources, std::string_view key, const Token& token);

/// A token where the statement of `key` should have ended, behind its value.
/// An item of a list without quotes, which is this token or begins with it.
Diagnostic bare_item(const Sources& sources, std::string_view key, const Token& first, Span item);
Diagnostic junk_after_value(const Sources& sources, std::string_view key, Span value,
                            const Token& token);

/// A token where a list goes on with "," or ends with "]".
Diagnostic junk_in_list(const Sources& sources, const Token& token);

/// How to write what somebody meant by `text` for a number: "128 MB", "4 * 1024"; empty if nobody
/// knows. `unit` is the option's.
std::string hint_on_number(std::string_view key, std::string_view unit, std::string_view text);

/// An error with nothing but a place and a text.
Diagnostic error_at(Span where, std::string message, std::string hint = {});

} // namespace pvh::config
