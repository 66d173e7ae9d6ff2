// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/qemu.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/device/qemu.h"
#include "libdomain/linux/poll_until.h"
#include "libdomain/linux/spawn.h"
#include "libdomain/linux/sysfs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string_view>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pvh::host {

namespace {

using device::QemuProcess;
using Milliseconds = std::chrono::milliseconds;

/// Its descriptor of the other end of its output: the pipe lives as long as it does, whether there
/// is a pvhd or not, and what it prints beyond a pipe's size is dropped.
constexpr int kOutputOfQemu = 3;

constexpr Milliseconds kTermLimit{10'000}; // it may have much to flush
constexpr Milliseconds kKillLimit{5'000};

const char* program() {
    constexpr auto& programs = device::kQemuPrograms;
    const auto* const found = std::find_if(programs.begin(), programs.end(), [](const char* path) {
        return ::access(path, X_OK) == 0;
    });
    return found == programs.end() ? nullptr : *found;
}

struct Running {
    pid_t pid{};
    DomId domain;
};

std::vector<std::string> arguments_of(const std::string& folder) {
    std::ifstream file{folder + "/cmdline", std::ios::binary};
    std::vector<std::string> arguments;
    for (std::string argument; std::getline(file, argument, '\0');)
        arguments.push_back(std::move(argument));
    return arguments;
}

std::optional<pid_t> pid_of(const std::string& name) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return pid;
}

std::optional<DomId> served_by(const std::string& folder) {
    const std::string program = read_link(folder + "/exe"); // of most processes this is enough
    if (!device::is_qemu(program)) return std::nullopt;
    if (!device::is_roots(read_attribute(folder + "/status"))) return std::nullopt;
    return device::served_by(arguments_of(folder));
}

std::vector<Running> running_qemus() {
    std::vector<Running> all;
    for (const std::string& name : list_folder("/proc"))
        if (const auto pid = pid_of(name))
            if (const auto domain = served_by("/proc/" + name)) all.push_back({*pid, *domain});
    return all;
}

/// Also where it was not started by us.
UniqueFd output_of(pid_t pid) {
    const std::string path = fmt::format("/proc/{}/fd/{}", pid, kOutputOfQemu);
    if (!read_link(path).starts_with("pipe:")) return {};
    return UniqueFd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
}

/// Nothing if it has ended meanwhile, and another process has its number.
std::optional<QemuProcess> open_qemu(const Running& qemu) {
    QemuProcess found{
        .process = open_process(qemu.pid), .output = output_of(qemu.pid), .pid = qemu.pid};
    const bool is_same = served_by(fmt::format("/proc/{}", qemu.pid)) == qemu.domain;
    return found.process && is_same ? std::optional{std::move(found)} : std::nullopt;
}

std::vector<Running> qemus_of(DomId frontend) {
    std::vector<Running> qemus = running_qemus();
    std::erase_if(qemus, [&](const Running& qemu) { return qemu.domain != frontend; });
    return qemus;
}

bool await_end(const UniqueFd& process, Milliseconds limit) {
    return poll_until(limit, [&] {
        siginfo_t info{};
        ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process.get()), &info,
                 WEXITED | WNOHANG); // fails for what another pvhd has started
        return ::syscall(SYS_pidfd_send_signal, process.get(), 0, nullptr, 0) != 0;
    });
}

void end_process(DomId frontend, const UniqueFd& process) {
    for (const auto& [signal, limit] : {std::pair{SIGTERM, kTermLimit}, {SIGKILL, kKillLimit}}) {
        ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
        if (await_end(process, limit)) return;
        log::warn("QEMU of {} did not end {} s after signal {}", frontend, limit.count() / 1000,
                  signal);
    }
}

// ---- what it has open

bool is_open_for_writing(const std::string& folder, const std::string& name) {
    std::ifstream file{fmt::format("{}/fdinfo/{}", folder, name)};
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("flags:")) continue;
        const std::size_t digits = line.find_first_not_of(" \t", 6);
        if (digits == std::string::npos) return true;
        unsigned flags = 0;
        std::from_chars(line.data() + digits, line.data() + line.size(), flags, 8);
        return (flags & O_ACCMODE) != O_RDONLY;
    }
    return true;
}

/// Nothing if it has none of the medium open.
std::optional<device::DiskUser> user_of(const Running& qemu, const Medium& medium) {
    const std::string folder = fmt::format("/proc/{}", qemu.pid);
    std::optional<device::DiskUser> user;
    for (const std::string& name : list_folder(folder + "/fd")) {
        if (!overlaps(medium_of_open(fmt::format("{}/fd/{}", folder, name)), medium)) continue;
        if (!user) user = device::DiskUser{.domain = qemu.domain, .is_writable = false};
        user->is_writable |= is_open_for_writing(folder, name);
    }
    return user;
}

std::string last_line(const std::string& output) {
    const std::size_t end = output.find_last_not_of("\n ");
    if (end == std::string::npos) return "it does not say why";
    const std::size_t start = output.rfind('\n', end);
    return output.substr(start == std::string::npos ? 0 : start + 1, end - start);
}

/// Distributions leave formats out: Debian 12's qemu-system-xen has neither qcow nor qed.
std::string hint_on_failure(const std::string& why) {
    const bool lacks_format = why.find("Unknown driver") != std::string::npos;
    return lacks_format ? "this QEMU was built without that format: qemu-img convert -O qcow2" : "";
}

} // namespace

void require_qemu() {
    if (program() != nullptr) return;
    throw Error{Errc::unsupported, "dom0 has no QEMU for Xen"}.with_hint(
        fmt::format("install it (Debian: qemu-system-xen); looked for {}",
                    fmt::join(device::kQemuPrograms, ", ")));
}

QemuProcess start_qemu(DomId frontend) {
    if (auto running = find_qemu(frontend)) {
        std::string old;
        if (running->output) take_output(running->output.get(), old);
        return std::move(*running);
    }
    require_qemu();
    Pipe pipe = make_pipe();
    ::fcntl(pipe.writes.get(), F_SETFL, O_NONBLOCK);
    const pid_t pid = spawn({.arguments = device::qemu_arguments(program(), frontend),
                             .environment = {kProgramPath},
                             .output = pipe.writes.get(),
                             .kept = pipe.reads.get(),
                             .is_daemon = true});
    QemuProcess qemu{.process = open_process(pid), .output = std::move(pipe.reads), .pid = pid};
    if (!qemu.process)
        throw Error{Errc::internal, "watch QEMU", errno}; // is ended by its arguments
    return qemu;
}

std::optional<QemuProcess> find_qemu(DomId frontend) {
    for (const Running& qemu : qemus_of(frontend))
        if (auto found = open_qemu(qemu)) return found;
    return std::nullopt;
}

void end_qemu(DomId frontend) {
    for (const Running& qemu : qemus_of(frontend))
        if (const auto found = open_qemu(qemu)) end_process(frontend, found->process);
}

std::vector<device::DiskUser> find_qemu_users(const Medium& medium) {
    std::vector<device::DiskUser> users;
    for (const Running& qemu : running_qemus())
        if (const auto user = user_of(qemu, medium)) users.push_back(*user);
    return users;
}

bool await_qemu_closed(xen::Store& store, const device::Address& device, Milliseconds limit) {
    const std::string record = record_path(device) + "/" + device::kIdentityKey;
    const Medium image = parse_medium(store.read(record).value_or(""));
    const auto is_closed = [&] {
        const auto state = store.read(backend_path(device) + "/state");
        return !state || device::parse_state(*state) == device::XenbusState::closed;
    };
    return poll_until(limit, [&] {
        const auto qemus = qemus_of(device.frontend);
        // It writes the last of an image after it has said that the device is closed.
        return qemus.empty() ||
               (is_closed() && std::none_of(qemus.begin(), qemus.end(), [&](const Running& qemu) {
                    return user_of(qemu, image).has_value();
                }));
    });
}

void await_qemu(xen::Store& store, const device::Address& device, const QemuProcess& qemu,
                Milliseconds limit) {
    std::string output;
    const auto refuse = [](const std::string& why) {
        throw Error{Errc::device_failed, "QEMU: " + plain_line(why)}.with_hint(
            hint_on_failure(why));
    };
    const bool is_ready = poll_until(limit, [&] {
        const auto state =
            device::parse_state(store.read(backend_path(device) + "/state").value_or(""));
        if (state >= device::XenbusState::init_wait && state < device::XenbusState::closing)
            return true;
        const bool has_ended = await_end(qemu.process, Milliseconds{0});
        if (qemu.output) take_output(qemu.output.get(), output);
        if (const auto failure = device::failure_in(output, device)) refuse(*failure);
        if (has_ended) refuse("it ended: " + last_line(output));
        return false;
    });
    if (!is_ready)
        throw Error{Errc::timeout,
                    fmt::format("QEMU did not take the device up in {} s", limit.count() / 1000)}
            .with_hint("it said: " + plain_line(last_line(output)));
}

} // namespace pvh::host
