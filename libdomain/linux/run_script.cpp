// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/run_script.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/linux/poll_until.h"
#include "libdomain/linux/spawn.h"
#include "libdomain/linux/sysfs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>

namespace pvh::host {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kKillLimit{5};

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

/// Nothing if it does not end although it was killed: it waits in the kernel, maybe for a storage
/// that does not answer.
std::optional<int> await_status(pid_t pid) {
    int status = 0;
    const bool has_ended =
        poll_until(kKillLimit, [&] { return ::waitpid(pid, &status, WNOHANG) != 0; });
    return has_ended ? std::optional{status} : std::nullopt;
}

std::string lateness(std::chrono::milliseconds limit, bool has_ended) {
    return fmt::format("was killed after {} s{}", static_cast<double>(limit.count()) / 1000,
                       has_ended ? "" : ", and has not ended since");
}

/// Since boot, in ticks: with it a number is one process for ever; empty if there is none.
/// [proc(5), /proc/PID/stat, field 22]
std::string start_of(pid_t pid) {
    const std::string all = read_attribute(fmt::format("/proc/{}/stat", pid));
    std::istringstream fields{all.substr(std::min(all.rfind(')'), all.size()))};
    std::string field;
    for (int number = 2; number <= 22; ++number) // the second may hold blanks, and ends with ")"
        if (!(fields >> field)) return {};
    return field;
}

void kill_group(pid_t pid) {
    ::kill(-pid, SIGKILL);
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

    ScopeExit undo{[&] {
        kill_group(pid);
        await_status(pid);
    }};
    if (call.on_start) call.on_start(fmt::format("{} {}", pid, start_of(pid)));
    undo.dismiss();

    device::ScriptEnd end;
    const UniqueFd process = open_process(pid);
    const int unwatched = process ? 0 : errno;
    end.is_late = !process || !await_end(process.get(), pipe.reads.get(), end.output, deadline);
    if (end.is_late) kill_group(pid);
    const std::optional<int> status = await_status(pid);
    if (unwatched != 0) throw Error{Errc::device_failed, "run " + call.arguments.at(0), unwatched};
    end.fault = end.is_late ? lateness(call.limit, status.has_value()) : fault_of(status.value());
    end.output = without_line_end(std::move(end.output));
    return end;
}

void end_script(const std::string& process) {
    pid_t pid = 0;
    std::string start;
    if (!(std::istringstream{process} >> pid >> start) || pid <= 1) return;
    const UniqueFd watched = open_process(pid);
    if (!watched || start_of(pid) != start) return;
    kill_group(pid);
    pollfd end{watched.get(), POLLIN, 0};
    if (!poll_until(kKillLimit, [&] { return ::poll(&end, 1, 0) == 1; }))
        log::warn("process {}, a script of a pvhd that has ended, does not end", pid);
}

} // namespace pvh::host
