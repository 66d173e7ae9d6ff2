// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/terminal.h"

#include "libdomain/core/error.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace pvh::cli {

namespace {

Error open_failed(const std::string& path, int error) {
    const std::string what = fmt::format("open the console {}", path);
    if (error == EACCES || error == EPERM)
        return Error{Errc::permission_denied, what, error}.with_hint(
            "a console's terminal belongs to root: become root");
    return Error{Errc::bad_state, what, error};
}

} // namespace

RawTerminal::RawTerminal(int fd) : fd_{fd} {
    termios now{};
    if (::tcgetattr(fd, &now) != 0) return; // a pipe, a file, or closed
    saved_ = now;
    ::cfmakeraw(&now);
    ::tcsetattr(fd, TCSANOW, &now);
}

RawTerminal::~RawTerminal() {
    if (saved_) ::tcsetattr(fd_, TCSANOW, &*saved_);
}

UniqueFd open_console_tty(const std::string& path) {
    UniqueFd fd{::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    if (!fd) throw open_failed(path, errno);
    termios mode{};
    if (::tcgetattr(fd.get(), &mode) != 0)
        throw Error{Errc::bad_state, fmt::format("the console {} is no terminal", path), errno};
    // Else the line discipline would echo the guest's output back to it.
    // [tools/console/client/main.c init_term]
    ::cfmakeraw(&mode);
    if (::tcsetattr(fd.get(), TCSANOW, &mode) != 0) throw open_failed(path, errno);
    return fd;
}

} // namespace pvh::cli
