// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/signal_catcher.h"

#include "libdomain/core/error.h"

#include <cerrno>

#include <sys/signalfd.h>
#include <unistd.h>

namespace pvh::cli {

namespace {

sigset_t set_of(std::initializer_list<int> signals) {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : signals)
        ::sigaddset(&set, number);
    return set;
}

} // namespace

SignalCatcher::SignalCatcher(std::initializer_list<int> others) {
    sigset_t caught = set_of({SIGINT, SIGTERM, SIGHUP, SIGQUIT});
    for (const int number : others)
        ::sigaddset(&caught, number);
    fd_ = UniqueFd{::signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!fd_) throw Error{Errc::internal, "signalfd", errno};
    ::sigprocmask(SIG_BLOCK, &caught, &mask_before_);

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

void SignalCatcher::stop() {
    const sigset_t set = set_of({SIGTSTP});
    ::raise(SIGTSTP);
    ::sigprocmask(SIG_UNBLOCK, &set, nullptr); // here we stand still
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

} // namespace pvh::cli
