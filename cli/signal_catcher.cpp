// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/signal_catcher.h"

#include "libdomain/core/error.h"

#include <cerrno>

#include <sys/signalfd.h>
#include <unistd.h>

namespace pvh::cli {

namespace {

sigset_t ending_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
        ::sigaddset(&set, number);
    return set;
}

} // namespace

SignalCatcher::SignalCatcher() {
    const sigset_t ending = ending_signals();
    fd_ = UniqueFd{::signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!fd_) throw Error{Errc::internal, "signalfd", errno};
    ::sigprocmask(SIG_BLOCK, &ending, &mask_before_);

    struct sigaction ignore {};

    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &pipe_before_);
}

SignalCatcher::~SignalCatcher() {
    ::sigaction(SIGPIPE, &pipe_before_, nullptr);
    ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

int SignalCatcher::take() const {
    signalfd_siginfo info{};
    return ::read(fd_.get(), &info, sizeof(info)) == sizeof(info) ? static_cast<int>(info.ssi_signo)
                                                                  : 0;
}

} // namespace pvh::cli
