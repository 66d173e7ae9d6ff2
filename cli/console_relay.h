// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace pvh::cli {

struct RelayEnds {
    int console{-1}; // the domain's, a raw pseudo-terminal or a socket; non-blocking
    int input{-1};   // ours, blocking; -1: none
    int output{-1};  // ours, blocking
    bool input_is_terminal = false;
    bool input_is_unheard = false;   // another types: what is no terminal's must not be lost
    std::string_view already_read{}; // from the console
};

enum class RelayEnd {
    escaped,     // Ctrl-] was typed
    hung_up,     // the console is gone, because its domain is
    unheard,     // there was input, and another types
    input_gone,  // the user's terminal is gone
    output_gone, // nobody reads our output any more
    timed_out,
    signalled,
};

struct RelayResult {
    RelayEnd end{};
    int signal_number{0};
};

/// Carries bytes between a domain's console and us until one side ends.
///
/// Input that is a terminal ends with Ctrl-]. Input that is none may end at once (a pipe,
/// /dev/null, closed): output is then shown until the console hangs up, or for `linger` more.
RelayResult relay_console(const RelayEnds& ends, std::optional<std::chrono::milliseconds> linger);

} // namespace pvh::cli
