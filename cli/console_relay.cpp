// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/console_relay.h"

#include "cli/signal_catcher.h"
#include "libdomain/core/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <string>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pvh::cli {

namespace {

using Clock = std::chrono::steady_clock;

/// Ctrl-], as xenconsole and telnet.
constexpr char kEscape = 0x1d;
/// Typed ahead of a guest that does not read; then we stop reading, too.
constexpr std::size_t kMaxPending = 4096;

constexpr short kGone = POLLHUP | POLLERR | POLLNVAL;

class Relay {
  public:
    Relay(const RelayEnds& ends, std::optional<std::chrono::milliseconds> linger)
        : ends_{ends}, linger_{linger} {}

    RelayResult run() {
        show(ends_.already_read);
        while (!result_)
            step();
        return *result_;
    }

  private:
    enum : std::size_t { console, input, signals, count };

    void step() {
        std::array<pollfd, count> fds{};
        fds[console] = {ends_.console,
                        static_cast<short>(pending_.empty() ? POLLIN : POLLIN | POLLOUT), 0};
        const bool reads_input = input_open_ && pending_.size() < kMaxPending;
        fds[input] = {reads_input ? ends_.input : -1, POLLIN, 0};
        fds[signals] = {signals_.fd(), POLLIN, 0};

        const int ready = ::poll(fds.data(), fds.size(), wait_ms());
        if (ready < 0 && errno != EINTR) throw Error{Errc::internal, "poll the console", errno};
        if (ready == 0 && deadline_) return finish(RelayEnd::timed_out);
        if (ready <= 0) return;
        if (fds[signals].revents != 0) take_signal();
        if (fds[console].revents != 0) serve_console(fds[console].revents);
        if (fds[input].revents != 0 && !result_) serve_input();
    }

    /// Until the deadline, rounded up; -1 is for ever.
    [[nodiscard]] int wait_ms() const {
        if (!deadline_) return -1;
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - Clock::now()).count();
        return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
    }

    void finish(RelayEnd end) { result_ = RelayResult{.end = end, .signal_number = 0}; }

    void take_signal() {
        if (const int number = signals_.take())
            result_ = RelayResult{.end = RelayEnd::signalled, .signal_number = number};
    }

    // -- from the guest

    void serve_console(short events) {
        if ((events & POLLOUT) != 0) write_pending();
        if ((events & (POLLIN | kGone)) == 0) return;
        std::array<char, 4096> chunk{};
        const ssize_t got = ::read(ends_.console, chunk.data(), chunk.size());
        if (got > 0) return show({chunk.data(), static_cast<std::size_t>(got)});
        const bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
        // Who serves it closes its end when the domain is gone: EIO, or an end of file.
        if (!later || (events & kGone) != 0) finish(RelayEnd::hung_up);
    }

    void show(std::string_view bytes) {
        while (!bytes.empty() && !result_) {
            if (!wait_for_output()) continue;
            const ssize_t done = ::write(ends_.output, bytes.data(), bytes.size());
            if (done > 0)
                bytes.remove_prefix(static_cast<std::size_t>(done));
            else if (errno != EINTR && errno != EAGAIN)
                finish(RelayEnd::output_gone);
        }
    }

    /// A reader that stalls must not keep signals from us: with POLLOUT a pipe takes a whole chunk.
    bool wait_for_output() {
        std::array<pollfd, 2> fds{{{ends_.output, POLLOUT, 0}, {signals_.fd(), POLLIN, 0}}};
        ::poll(fds.data(), fds.size(), -1);
        if (fds[1].revents != 0) take_signal();
        return fds[0].revents != 0 && !result_;
    }

    // -- to the guest

    void serve_input() {
        std::array<char, 1024> chunk{};
        const ssize_t got = ::read(ends_.input, chunk.data(), chunk.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
        if (got <= 0) return end_input();
        if (ends_.input_is_unheard && !ends_.input_is_terminal) return finish(RelayEnd::unheard);
        accept_input({chunk.data(), static_cast<std::size_t>(got)});
    }

    void accept_input(std::string_view bytes) {
        const std::size_t escape =
            ends_.input_is_terminal ? bytes.find(kEscape) : std::string_view::npos;
        pending_ += bytes.substr(0, escape);
        write_pending();
        if (escape != std::string_view::npos && !result_) finish(RelayEnd::escaped);
    }

    void end_input() {
        input_open_ = false;
        tell_of_end();
        if (ends_.input_is_terminal) return finish(RelayEnd::input_gone);
        if (linger_) deadline_ = Clock::now() + *linger_;
    }

    /// pvhconsoled lets another client type then; a pseudo-terminal knows no such thing.
    void tell_of_end() {
        if (!input_open_ && pending_.empty()) ::shutdown(ends_.console, SHUT_WR);
    }

    void write_pending() {
        if (pending_.empty()) return;
        const ssize_t done = ::write(ends_.console, pending_.data(), pending_.size());
        if (done > 0) {
            pending_.erase(0, static_cast<std::size_t>(done));
            tell_of_end();
        } else if (done < 0 && errno != EAGAIN && errno != EINTR) {
            finish(RelayEnd::hung_up);
        }
    }

    RelayEnds ends_;
    std::optional<std::chrono::milliseconds> linger_;
    SignalCatcher signals_;
    std::optional<Clock::time_point> deadline_;
    bool input_open_{true};
    std::string pending_; // typed, and not yet taken by the console
    std::optional<RelayResult> result_;
};

} // namespace

RelayResult relay_console(const RelayEnds& ends, std::optional<std::chrono::milliseconds> linger) {
    return Relay{ends, linger}.run();
}

} // namespace pvh::cli
