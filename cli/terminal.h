// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/unique_handle.h"

#include <optional>
#include <string>

#include <termios.h>

namespace pvh::cli {

/// A terminal of the user's in raw mode, for as long as this lives: each key travels as it is, ^C
/// too. Does nothing to what is no terminal.
class RawTerminal {
  public:
    explicit RawTerminal(int fd);
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    RawTerminal(RawTerminal&&) = delete;
    RawTerminal& operator=(RawTerminal&&) = delete;
    ~RawTerminal();

    [[nodiscard]] bool is_terminal() const { return saved_.has_value(); }

  private:
    int fd_;
    std::optional<termios> saved_;
};

/// Opens the pseudo-terminal of a domain's console, raw and non-blocking; it does not become our
/// controlling terminal. Throws Errc::permission_denied with a hint, bad_state if it is gone or no
/// terminal.
UniqueFd open_console_tty(const std::string& path);

} // namespace pvh::cli
