// SPDX-License-Identifier: LGPL-2.1-or-later
// pvhctl's exit statuses: fixed, so that scripts can branch on them. xl's callers tell zero from
// the rest; so do these.
#pragma once

#include "libdomain/core/error.h"

#include <string>

namespace pvh::cli {

inline constexpr int kSuccess = 0;
inline constexpr int kUsage = 2;
/// Nobody serves the socket.
inline constexpr int kNoDaemon = 17;

/// The status for an error of this code: 1 for internal, 3 and up for the others.
int exit_status(Errc code);

/// As a shell reports a program that a signal ended.
constexpr int exit_status_of_signal(int number) {
    return 128 + number;
}

/// The whole table, for --help.
std::string describe_exit_statuses();

} // namespace pvh::cli
