// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/context.h"
#include "libdomain/core/unique_handle.h"
#include "rpc/messages.h"

#include <chrono>
#include <optional>
#include <string>

namespace pvh::cli {

/// An open console, not yet shown: nothing the guest writes from now on is lost.
struct ConsoleSession {
    rpc::ConsoleResult console;
    UniqueFd tty;
};

/// Asks the daemon for the console, which waits until there is one, and opens it.
ConsoleSession open_console(const rpc::Selector& selector, Context& context);

/// Joins the console with our own input and output until one side ends, and sets the exit status: 0
/// unless a signal ended it. `linger`: how long to go on after an input that is no terminal has
/// ended; for ever if absent.
void show_console(const ConsoleSession& session, std::optional<std::chrono::milliseconds> linger,
                  Context& context);

} // namespace pvh::cli
