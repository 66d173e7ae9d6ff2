// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/console_session.h"

#include "cli/console_relay.h"
#include "cli/exit_status.h"
#include "cli/terminal.h"
#include "rpc/messages_json.h"

#include <fmt/format.h>
#include <unistd.h>

namespace pvh::cli {

ConsoleSession open_console(const rpc::Selector& selector, Context& context) {
    auto console = call_as<rpc::ConsoleResult>(context.daemon, "domain.console", selector);
    UniqueFd tty = open_console_tty(console.tty);
    return {.console = std::move(console), .tty = std::move(tty)};
}

void show_console(const ConsoleSession& session, std::optional<std::chrono::milliseconds> linger,
                  Context& context) {
    if (::isatty(STDIN_FILENO) == 1)
        print_note(context,
                   fmt::format("Console of {}; Ctrl-] leaves it.", session.console.domain.name));
    context.out.flush();
    const RawTerminal terminal{STDIN_FILENO};
    const RelayResult result = relay_console({.tty = session.tty.get(),
                                              .input = STDIN_FILENO,
                                              .output = STDOUT_FILENO,
                                              .input_is_terminal = terminal.is_terminal()},
                                             linger);
    if (result.end == RelayEnd::signalled)
        context.status = exit_status_of_signal(result.signal_number);
}

} // namespace pvh::cli
