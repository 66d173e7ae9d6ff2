// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/connection.h"
#include "libdomain/core/error.h"

#include <ostream>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace pvh::cli {

enum class Colour { red, yellow, green };

/// What every command works with.
struct Context {
    Connection& daemon;
    std::ostream& out; // data
    std::ostream& err; // everything else, as xl does
    /// Print what the daemon answered instead of text made from it.
    bool json = false;
    /// Tables begin with the titles of their columns.
    bool has_headers = true;
    /// A stream is a terminal: names and messages, which guests can influence, are made harmless.
    /// Elsewhere the bytes are xl's.
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    /// Terminals may be written to in colours.
    bool has_colours = false;
    /// What stands before a message: scripts that call xl look for its words alone.
    std::string_view prefix = "pvhctl: error: ";
    /// Where pvhd listens, or would.
    std::string socket{};
    /// What the program will exit with.
    int status = 0;
};

/// One line of data, escaped where needed.
void print_line(Context& context, std::string_view text);
/// One line of data whose beginning is coloured on a terminal.
void print_marked(Context& context, Colour colour, std::string_view mark, std::string_view rest);
/// The titles of a table's columns, unless they are not wanted.
void print_header(Context& context, std::string_view titles);
/// One line of chatter or a message.
void print_note(Context& context, std::string_view text);
void print_json(Context& context, const nlohmann::json& value);
/// The message, its stage and its hint; a config's complaints as they are.
void print_error(Context& context, const Error& error);
/// prints it, and keeps its exit status unless there is one already.
void fail_with(Context& context, const Error& error);

} // namespace pvh::cli
