// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/unique_handle.h"

#include <array>
#include <string>
#include <vector>

#include <sys/types.h>

namespace pvh::host {

/// A program to start, with nothing of ours: no open files, no signal masks.
struct Program {
    std::vector<std::string> arguments;   // the first is its path
    std::vector<std::string> environment; // "NAME=value"
    int output{};                         // becomes its standard output and error
    int kept = -1;                        // becomes its descriptor 3, if not negative
    bool is_daemon{};                     // a session of its own; else a process group
};

/// Throws Error if it cannot be started.
pid_t spawn(Program program);

struct Pipe {
    UniqueFd reads;
    UniqueFd writes;
};

/// Whose ends are closed in programs that are started, and do not block for the reader.
Pipe make_pipe();

/// A descriptor of a process, readable once it has ended; empty, with errno, if there is none.
UniqueFd open_process(pid_t pid);

/// Takes what there is to read now, as far as one who writes without a pause lets it end, and keeps
/// the last of it. False once nobody writes any more.
bool take_output(int fd, std::string& output);

/// The search path of programs that we start.
inline constexpr const char* kProgramPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

} // namespace pvh::host
