// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/spawn.h"

#include "libdomain/core/error.h"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pvh::host {

namespace {

/// What is kept of an output: its end, where the reason is.
constexpr std::size_t kMaxOutput = 2000;

/// How the program begins.
class Start {
  public:
    explicit Start(const Program& program) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, program.output, 1);
        ::posix_spawn_file_actions_adddup2(&actions_, program.output, 2);
        if (program.kept >= 0) ::posix_spawn_file_actions_adddup2(&actions_, program.kept, 3);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, program.kept >= 0 ? 4 : 3);
        ::posix_spawn_file_actions_addchdir_np(&actions_, "/");
        sigset_t signals;
        ::posix_spawnattr_init(&attributes_);
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes_, &signals);
        ::sigfillset(&signals);
        ::posix_spawnattr_setsigdefault(&attributes_, &signals);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        const short place = program.is_daemon ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
        ::posix_spawnattr_setflags(&attributes_,
                                   static_cast<short>(place | POSIX_SPAWN_SETSIGMASK |
                                                      POSIX_SPAWN_SETSIGDEF | usual_scheduling()));
    }

    Start(const Start&) = delete;
    Start& operator=(const Start&) = delete;

    ~Start() {
        ::posix_spawnattr_destroy(&attributes_);
        ::posix_spawn_file_actions_destroy(&actions_);
    }

    [[nodiscard]] pid_t run(Program& program) const {
        pid_t pid = -1;
        const std::string& path = program.arguments.at(0);
        const int error = ::posix_spawn(&pid, path.c_str(), &actions_, &attributes_,
                                        pointers_to(program.arguments).data(),
                                        pointers_to(program.environment).data());
        if (error != 0)
            throw Error{Errc::device_failed, "run " + path, error}.with_hint(
                "it has to be a program that root can execute, and its interpreter has to be "
                "there");
        return pid;
    }

  private:
    /// A worker's patience is not for a QEMU. Asked for only where it is another: it may be
    /// refused.
    short usual_scheduling() {
        if (::sched_getscheduler(0) == SCHED_OTHER) return 0;
        const sched_param none{};
        ::posix_spawnattr_setschedpolicy(&attributes_, SCHED_OTHER);
        ::posix_spawnattr_setschedparam(&attributes_, &none);
        return POSIX_SPAWN_SETSCHEDULER;
    }

    static std::vector<char*> pointers_to(std::vector<std::string>& texts) {
        std::vector<char*> pointers;
        for (std::string& text : texts)
            pointers.push_back(text.data());
        pointers.push_back(nullptr);
        return pointers;
    }

    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

} // namespace

pid_t spawn(Program program) {
    return Start{program}.run(program);
}

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error{Errc::internal, "make a pipe", errno};
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

UniqueFd open_process(pid_t pid) {
    return UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
}

bool take_output(int fd, std::string& output) {
    std::array<char, 4096> buffer{};
    for (int turns = 16; turns > 0; --turns) {
        const ssize_t size = ::read(fd, buffer.data(), buffer.size());
        if (size <= 0) return size < 0 && (errno == EAGAIN || errno == EINTR);
        output.append(buffer.data(), static_cast<std::size_t>(size));
        if (output.size() > kMaxOutput) output.erase(0, output.size() - kMaxOutput);
    }
    return true;
}

} // namespace pvh::host
