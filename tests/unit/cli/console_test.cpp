// SPDX-License-Identifier: LGPL-2.1-or-later
// The relay against a pseudo-terminal that stands for xenconsoled's.
#include "cli/console_relay.h"
#include "cli/terminal.h"
#include "libdomain/core/error.h"

#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace pvh::cli::test {

namespace {

using namespace std::chrono_literals;

struct Pipe {
    Pipe() {
        int fds[2];
        if (::pipe2(fds, O_CLOEXEC) != 0) throw Error{Errc::internal, "pipe2", errno};
        read = UniqueFd{fds[0]};
        write = UniqueFd{fds[1]};
    }

    void send(std::string_view bytes) const {
        EXPECT_EQ(::write(write.get(), bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
    }

    UniqueFd read;
    UniqueFd write;
};

std::string read_some(int fd, std::size_t bytes) {
    std::string got(bytes, '\0');
    const ssize_t done = ::read(fd, got.data(), bytes);
    got.resize(done > 0 ? static_cast<std::size_t>(done) : 0);
    return got;
}

/// xenconsoled's end, and the path that the daemon tells.
struct GuestConsole {
    GuestConsole() {
        master = UniqueFd{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
        ::grantpt(master.get());
        ::unlockpt(master.get());
        path = ::ptsname(master.get());
    }

    void print(std::string_view bytes) const {
        EXPECT_EQ(::write(master.get(), bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
    }

    UniqueFd master;
    std::string path;
};

struct Session {
    GuestConsole guest;
    UniqueFd tty = open_console_tty(guest.path);
    Pipe input;
    Pipe output;

    RelayResult run(bool input_is_terminal = false,
                    std::optional<std::chrono::milliseconds> linger = std::nullopt) const {
        return relay_console({.console = tty.get(),
                              .input = input.read.get(),
                              .output = output.write.get(),
                              .input_is_terminal = input_is_terminal},
                             linger);
    }
};

TEST(ConsoleTty, PassesBytesAsTheyAre) {
    Session s;
    s.guest.print("a\r\n\x03\x11\x1a");
    EXPECT_EQ(read_some(s.tty.get(), 64), "a\r\n\x03\x11\x1a");
    ASSERT_EQ(::write(s.tty.get(), "b\n", 2), 2);
    EXPECT_EQ(read_some(s.guest.master.get(), 64), "b\n"); // and no echo of the guest's own output
}

TEST(ConsoleTty, MustBeATerminal) {
    EXPECT_THROW(open_console_tty("/dev/null"), Error);
    EXPECT_THROW(open_console_tty("/nonexistent"), Error);
}

TEST(Relay, CarriesBothWaysUntilTheEscape) {
    Session s;
    s.guest.print("login: ");
    s.input.send("root\r\x1d"
                 "not sent");
    EXPECT_EQ(s.run(true).end, RelayEnd::escaped);
    EXPECT_EQ(read_some(s.output.read.get(), 64), "login: ");
    EXPECT_EQ(read_some(s.guest.master.get(), 64), "root\r");
}

TEST(Relay, SendsTheEscapeOfAPipeToTheGuest) {
    Session s;
    s.input.send("\x1d");
    s.input.write.reset();
    EXPECT_EQ(s.run(false, 0ms).end, RelayEnd::timed_out);
    EXPECT_EQ(read_some(s.guest.master.get(), 64), "\x1d");
}

TEST(Relay, ShowsOutputAfterTheInputHasEndedUntilTheConsoleHangsUp) {
    Session s;
    s.input.write.reset();
    std::thread guest{[&] {
        s.guest.print("late");
        EXPECT_EQ(read_some(s.output.read.get(), 64), "late");
        s.guest.master.reset();
    }};
    EXPECT_EQ(s.run().end, RelayEnd::hung_up);
    guest.join();
}

TEST(Relay, LingersAfterTheInputHasEnded) {
    Session s;
    s.input.write.reset();
    EXPECT_EQ(s.run(false, 10ms).end, RelayEnd::timed_out);
}

TEST(Relay, TakesAClosedInputForAnEmptyOne) {
    Session s;
    EXPECT_EQ(
        relay_console({.console = s.tty.get(), .input = 9999, .output = s.output.write.get()}, 1ms)
            .end,
        RelayEnd::timed_out);
}

TEST(Relay, TellsOfInputThatNobodyWouldHear) {
    Session s;
    const RelayEnds ends{.console = s.tty.get(),
                         .input = s.input.read.get(),
                         .output = s.output.write.get(),
                         .input_is_unheard = true};
    s.input.send("reboot\n");
    EXPECT_EQ(relay_console(ends, std::nullopt).end, RelayEnd::unheard);
    s.input.write.reset(); // none is none lost
    EXPECT_EQ(relay_console(ends, 10ms).end, RelayEnd::timed_out);
}

TEST(Relay, EndsWithTheTerminalItReadsFrom) {
    Session s;
    s.input.write.reset();
    EXPECT_EQ(s.run(true).end, RelayEnd::input_gone);
}

TEST(Relay, EndsWhenNobodyReadsItsOutput) {
    Session s;
    s.output.read.reset();
    s.guest.print("anyone?");
    EXPECT_EQ(s.run().end, RelayEnd::output_gone);
}

TEST(Relay, TurnsSignalsIntoAnOrderlyEnd) {
    sigset_t term;
    sigset_t before;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, &before);
    ASSERT_EQ(::raise(SIGTERM), 0); // pending, until the relay looks
    const RelayResult result = Session{}.run();
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    EXPECT_EQ(result.end, RelayEnd::signalled);
    EXPECT_EQ(result.signal_number, SIGTERM);
}

TEST(Relay, DoesNotLoseInputThatTheGuestIsSlowToTake) {
    Session s;
    const std::string much(20000, 'x');
    std::thread typist{[&] {
        s.input.send(much);
        s.input.write.reset();
    }};
    std::string got;
    std::thread guest{[&] {
        while (got.size() < much.size())
            got += read_some(s.guest.master.get(), 512);
        s.guest.master.reset();
    }};
    EXPECT_EQ(s.run().end, RelayEnd::hung_up);
    typist.join();
    guest.join();
    EXPECT_EQ(got, much);
}

TEST(RawTerminal, GivesTheModeBack) {
    GuestConsole ours;
    const UniqueFd slave{::open(ours.path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    termios before{};
    termios during{};
    termios after{};
    ::tcgetattr(slave.get(), &before);
    {
        const RawTerminal raw{slave.get()};
        EXPECT_TRUE(raw.is_terminal());
        ::tcgetattr(slave.get(), &during);
    }
    ::tcgetattr(slave.get(), &after);
    EXPECT_EQ(during.c_lflag & static_cast<tcflag_t>(ICANON | ECHO | ISIG), 0U);
    EXPECT_EQ(after.c_lflag, before.c_lflag);
    const Pipe pipe;
    EXPECT_FALSE(RawTerminal{pipe.read.get()}.is_terminal());
}

} // namespace

} // namespace pvh::cli::test
