// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/run_script.h"

#include "libdomain/core/error.h"
#include "libdomain/linux/spawn.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>

namespace pvh::host {

namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> environment_of(const device::ScriptCall& call) {
    std::vector<std::string> all{kProgramPath};
    for (const auto& [name, value] : call.environment)
        all.push_back(fmt::format("{}={}", name, value));
    return all;
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
    Pipe pipe = make_pipe();
    const pid_t pid = spawn({.arguments = call.arguments,
                             .environment = environment_of(call),
                             .output = pipe.writes.get()});
    pipe.writes.reset();

    device::ScriptEnd end;
    const UniqueFd process = open_process(pid);
    const int unwatched = process ? 0 : errno;
    end.is_late = !process || !await_end(process.get(), pipe.reads.get(), end.output, deadline);
    if (end.is_late) ::kill(-pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (unwatched != 0) throw Error{Errc::device_failed, "run " + call.arguments.at(0), unwatched};
    end.fault = end.is_late ? fmt::format("was killed after {} s",
                                          static_cast<double>(call.limit.count()) / 1000)
                            : fault_of(status);
    end.output = without_line_end(std::move(end.output));
    return end;
}

} // namespace pvh::host
