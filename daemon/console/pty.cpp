// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/pty.h"

#include "libdomain/core/error.h"

#include <array>
#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace pvh::console {

namespace {

constexpr const char* kMaking = "make a pseudo-terminal";

UniqueFd open_master() {
    UniqueFd fd{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)};
    if (!fd || ::grantpt(fd.get()) != 0 || ::unlockpt(fd.get()) != 0)
        throw Error{Errc::internal, kMaking, errno};
    return fd;
}

std::string path_of(int master) {
    std::array<char, 64> path{};
    if (const int failure = ::ptsname_r(master, path.data(), path.size()); failure != 0)
        throw Error{Errc::internal, kMaking, failure};
    return path.data();
}

UniqueFd open_raw(const std::string& path) {
    UniqueFd fd{::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    termios mode{};
    if (!fd || ::tcgetattr(fd.get(), &mode) != 0) throw Error{Errc::internal, kMaking, errno};
    ::cfmakeraw(&mode);
    if (::tcsetattr(fd.get(), TCSANOW, &mode) != 0) throw Error{Errc::internal, kMaking, errno};
    return fd;
}

} // namespace

Pty::Pty(daemon::asio::io_context& loop)
    : master_{loop, open_master().release()}, path_{path_of(master_.native_handle())} {
    slave_ = open_raw(path_);
}

bool Pty::has_unread() const {
    int unread = 0;
    return ::ioctl(slave_.get(), FIONREAD, &unread) == 0 && unread > 0;
}

} // namespace pvh::console
