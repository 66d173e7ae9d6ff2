// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/context.h"
#include "libdomain/core/unique_handle.h"
#include "rpc/messages.h"

#include <chrono>
#include <optional>
#include <string>

namespace pvh::cli {

struct ConsoleWish {
    bool replay = false;    // begin with what is kept
    bool follow = true;     // and stay
    bool read_only = false; // type nothing
    bool take_over = false; // be the one who types, whoever did
};

/// An open console, not yet shown: nothing the guest writes from now on is lost.
struct ConsoleSession {
    ConsoleWish wish;
    std::string name;            // of the domain
    UniqueFd console;            // non-blocking
    std::string already_read;    // from it
    std::string writer;          // somebody else, who types
    std::uint64_t lost_bytes{0}; // printed before the replay begins
};

/// By pvhconsoled if it serves this console. Else, unless a replay is wanted, by the
/// pseudo-terminal that the daemon tells of, which waits until there is one.
ConsoleSession open_console(const rpc::Selector& selector, const ConsoleWish& wish,
                            Context& context);

/// Throws not_found, with the names of those there are.
rpc::DeviceStatus find_channel(const rpc::Selector& selector, const std::string& channel,
                               Context& context);

/// A channel of a domain: its pseudo-terminal, or its socket, where we wait in line.
ConsoleSession open_channel(const rpc::Selector& selector, const std::string& channel,
                            Context& context);

/// Joins the console with our own input and output until one side ends, and sets the exit status: 0
/// unless a signal ended it. `linger`: how long to go on after an input that is no terminal has
/// ended; for ever if absent.
void show_console(const ConsoleSession& session, std::optional<std::chrono::milliseconds> linger,
                  Context& context);

} // namespace pvh::cli
