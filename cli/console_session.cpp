// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/console_session.h"

#include "cli/console_relay.h"
#include "cli/exit_status.h"
#include "cli/terminal.h"
#include "rpc/messages_json.h"
#include "rpc/unix_address.h"

#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pvh::cli {

namespace {

void make_non_blocking(int fd) {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
        throw Error{Errc::internal, "make the console non-blocking", errno};
}

ConsoleSession attach(const rpc::Selector& selector, const ConsoleWish& wish, Context& context) {
    AttachedConsole attached = context.daemon.attach({.domain = selector,
                                                      .replay = wish.replay,
                                                      .follow = wish.follow,
                                                      .read_only = wish.read_only,
                                                      .take_over = wish.take_over,
                                                      .notices = context.out_is_terminal});
    make_non_blocking(attached.stream.socket.get());
    const rpc::ConsoleAttachResult& answer = attached.answer;
    return {.wish = wish,
            .name = answer.domain.name,
            .console = std::move(attached.stream.socket),
            .already_read = std::move(attached.stream.first_bytes),
            .writer = answer.writes ? "" : answer.writer,
            .lost_bytes = answer.lost_bytes};
}

std::optional<ConsoleSession> try_attach(const rpc::Selector& selector, const ConsoleWish& wish,
                                         Context& context) {
    try {
        return attach(selector, wish, context);
    } catch (const Error& e) {
        // It does not run, or this console is xenconsoled's, which keeps nothing.
        if (e.code() != Errc::not_found || wish.replay) throw;
    }
    return std::nullopt;
}

std::vector<rpc::DeviceStatus> channels_of(const rpc::DevicesResult& result) {
    std::vector<rpc::DeviceStatus> channels = result.devices;
    std::erase_if(channels, [](const rpc::DeviceStatus& d) { return d.kind != "console"; });
    return channels;
}

[[noreturn]] void refuse_channel(const rpc::DevicesResult& result, const std::string& channel) {
    std::vector<std::string> names;
    for (const rpc::DeviceStatus& device : channels_of(result))
        names.push_back(device.name);
    throw Error{Errc::not_found, fmt::format("{} has no channel {}", result.domain.name, channel)}
        .with_hint(names.empty() ? "channel= in its config gives it some"
                                 : fmt::format("it has {}", fmt::join(names, ", ")));
}

rpc::DeviceStatus pick_channel(const rpc::DevicesResult& result, const std::string& channel) {
    for (const rpc::DeviceStatus& device : channels_of(result))
        if (device.name == channel) return device;
    refuse_channel(result, channel);
}

UniqueFd connect_to_channel(const std::string& path) {
    const sockaddr_un address = rpc::unix_address(path);
    UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        throw Error{errno == EACCES ? Errc::permission_denied : Errc::not_found,
                    "connect to the channel's socket " + path, errno};
    make_non_blocking(socket.get());
    return socket;
}

void print_situation(const ConsoleSession& session, Context& context) {
    if (session.lost_bytes > 0)
        print_note(context, fmt::format("The first {} bytes that {} printed are kept no more.",
                                        session.lost_bytes, session.name));
    if (!session.wish.follow) return;
    if (::isatty(STDIN_FILENO) == 1)
        print_note(context, fmt::format("Console of {}; Ctrl-] leaves it.", session.name));
    if (!session.writer.empty() && !session.wish.read_only)
        print_note(context,
                   fmt::format("You only read: {} writes. --write takes over.", session.writer));
}

} // namespace

ConsoleSession open_console(const rpc::Selector& selector, const ConsoleWish& wish,
                            Context& context) {
    if (auto session = try_attach(selector, wish, context)) return *std::move(session);
    const auto found = call_as<rpc::ConsoleResult>(context.daemon, "domain.console", selector);
    if (found.service == "pvhconsoled") // it says why not
        return attach({.uuid = found.domain.uuid, .name = {}, .domid = {}}, wish, context);
    return {.wish = wish,
            .name = found.domain.name,
            .console = open_console_tty(found.tty),
            .already_read = "",
            .writer = ""};
}

rpc::DeviceStatus find_channel(const rpc::Selector& selector, const std::string& channel,
                               Context& context) {
    return pick_channel(call_as<rpc::DevicesResult>(context.daemon, "device.list", selector),
                        channel);
}

ConsoleSession open_channel(const rpc::Selector& selector, const std::string& channel,
                            Context& context) {
    const auto result = call_as<rpc::DevicesResult>(context.daemon, "device.list", selector);
    const rpc::DeviceStatus device = pick_channel(result, channel);
    if (device.path.empty())
        throw Error{Errc::bad_state,
                    fmt::format("channel {} of {} is not served yet", channel, result.domain.name)}
            .with_hint("is pvhconsoled running?");
    return {.wish = {},
            .name = fmt::format("{}, channel {}", result.domain.name, channel),
            .console = device.connection == "pty" ? open_console_tty(device.path)
                                                  : connect_to_channel(device.path),
            .already_read = "",
            .writer = ""};
}

void show_console(const ConsoleSession& session, std::optional<std::chrono::milliseconds> linger,
                  Context& context) {
    print_situation(session, context);
    context.out.flush();
    const int input = session.wish.follow ? STDIN_FILENO : -1;
    const RawTerminal terminal{input};
    const RelayResult result =
        relay_console({.console = session.console.get(),
                       .input = input,
                       .output = STDOUT_FILENO,
                       .input_is_terminal = terminal.is_terminal(),
                       .input_is_unheard = !session.writer.empty() && !session.wish.read_only,
                       .already_read = session.already_read},
                      linger);
    if (result.end == RelayEnd::signalled)
        context.status = exit_status_of_signal(result.signal_number);
    if (result.end == RelayEnd::unheard)
        throw Error{Errc::busy, fmt::format("the input was not sent to {}: {} writes there",
                                            session.name, session.writer)}
            .with_hint("--write takes over, --read-only leaves the input alone");
}

} // namespace pvh::cli
