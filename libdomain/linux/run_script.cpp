// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/run_script.h"

#include "libdomain/core/error.h"
#include "libdomain/core/unique_handle.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pvh::host {

namespace {

using Clock = std::chrono::steady_clock;

/// What is kept of the output: its end, where the reason is.
constexpr std::size_t kMaxOutput = 2000;

void require(int error, const std::string& path) {
    if (error != 0) throw Error{Errc::xen_error, "run " + path, error};
}

/// How the program begins.
class Start {
  public:
    explicit Start(int output) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, output, 1);
        ::posix_spawn_file_actions_adddup2(&actions_, output, 2);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
        ::posix_spawn_file_actions_addchdir_np(&actions_, "/");
        sigset_t signals;
        ::posix_spawnattr_init(&attributes_);
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes_, &signals);
        ::sigfillset(&signals);
        ::posix_spawnattr_setsigdefault(&attributes_, &signals);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                     POSIX_SPAWN_SETSIGDEF);
    }

    Start(const Start&) = delete;
    Start& operator=(const Start&) = delete;

    ~Start() {
        ::posix_spawnattr_destroy(&attributes_);
        ::posix_spawn_file_actions_destroy(&actions_);
    }

    [[nodiscard]] pid_t run(std::vector<std::string> arguments,
                            std::vector<std::string> environment) const {
        pid_t pid = -1;
        require(::posix_spawn(&pid, arguments.at(0).c_str(), &actions_, &attributes_,
                              pointers_to(arguments).data(), pointers_to(environment).data()),
                arguments.at(0));
        return pid;
    }

  private:
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

std::vector<std::string> environment_of(const device::ScriptCall& call) {
    std::vector<std::string> all{
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    for (const auto& [name, value] : call.environment)
        all.push_back(fmt::format("{}={}", name, value));
    return all;
}

/// What there is to read now, as far as one who writes without a pause lets it end. False once
/// nobody writes any more.
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

/// False if it has not ended by then.
bool await_end(int process, int output_fd, std::string& output, Clock::time_point deadline) {
    std::array<pollfd, 2> waits{{{process, POLLIN, 0}, {output_fd, POLLIN, 0}}};
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) return false;
        if (::poll(waits.data(), waits.size(), static_cast<int>(left.count())) < 0) continue;
        if (waits[1].revents != 0 && !take_output(output_fd, output)) waits[1].fd = -1;
        if (waits[0].revents == 0) continue;
        take_output(output_fd, output);
        return true;
    }
}

std::string fault_of(int status) {
    if (WIFSIGNALED(status)) return fmt::format("was ended by signal {}", WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? std::string{}
                                    : fmt::format("ended with status {}", WEXITSTATUS(status));
}

std::string without_line_end(std::string text) {
    text.erase(text.find_last_not_of("\n ") + 1);
    return text;
}

} // namespace

device::ScriptEnd run_script(const device::ScriptCall& call) {
    const Clock::time_point deadline = Clock::now() + call.limit;
    std::array<int, 2> ends{};
    require(::pipe2(ends.data(), O_CLOEXEC) == 0 ? 0 : errno, call.arguments.at(0));
    const UniqueFd reads{ends[0]};
    UniqueFd writes{ends[1]};
    ::fcntl(reads.get(), F_SETFL, O_NONBLOCK);
    const pid_t pid = Start{writes.get()}.run(call.arguments, environment_of(call));
    writes.reset();

    device::ScriptEnd end;
    const UniqueFd process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    const int unwatched = process ? 0 : errno;
    end.is_late = !process || !await_end(process.get(), reads.get(), end.output, deadline);
    if (end.is_late) ::kill(-pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    require(unwatched, call.arguments.at(0));
    end.fault = end.is_late ? fmt::format("was killed after {} s",
                                          static_cast<double>(call.limit.count()) / 1000)
                            : fault_of(status);
    end.output = without_line_end(std::move(end.output));
    return end;
}

} // namespace pvh::host
