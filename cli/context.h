// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/connection.h"
#include "libdomain/core/error.h"

#include <ostream>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace pvh::cli {

/// What every command works with.
struct Context {
    Connection& daemon;
    std::ostream& out; // data
    std::ostream& err; // everything else, as xl does
    /// Print what the daemon answered instead of text made from it.
    bool json = false;
    /// A stream is a terminal: names and messages, which guests can influence, are made harmless.
    /// Elsewhere the bytes are xl's.
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    /// Where pvhd listens, or would.
    std::string socket{};
    /// What the program will exit with.
    int status = 0;
};

/// One line of data, escaped where needed.
void print_line(Context& context, std::string_view text);
/// One line of chatter or a message.
void print_note(Context& context, std::string_view text);
void print_json(Context& context, const nlohmann::json& value);
/// The message, its stage and its hint; a config's complaints as they are.
void print_error(Context& context, const Error& error);
/// prints it, and keeps its exit status unless there is one already.
void fail_with(Context& context, const Error& error);

} // namespace pvh::cli
