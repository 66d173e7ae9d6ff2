// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/signal_catcher.h"
#include "cli/terminal.h"
#include "cli/top_screen.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/Validators.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace pvh::cli {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct TopOptions {
    double delay_s = 3;
    unsigned iterations = 0; // 0: until it is ended
    bool is_batch = false;
    TopOrder order = TopOrder::cpu;
};

TopSample look(Context& context) {
    const auto none = nlohmann::json::object();
    return {
        .usage =
            read_as<rpc::UsageResult>("domain.usage", context.daemon.call("domain.usage", none)),
        .host = read_as<rpc::SystemInfo>("system.info", context.daemon.call("system.info", none))};
}

/// The other screen of a terminal, and its keys as they are pressed, for as long as this lives:
/// what was there before comes back.
class OtherScreen {
  public:
    explicit OtherScreen(std::ostream& out) : out_{out} {
        out_ << "\033[?1049h\033[?25l" << std::flush;
    }

    OtherScreen(const OtherScreen&) = delete;
    OtherScreen& operator=(const OtherScreen&) = delete;

    ~OtherScreen() { out_ << "\033[?25h\033[?1049l" << std::flush; }

    void show(const std::vector<std::string>& lines) {
        out_ << "\033[H";
        for (std::size_t i = 0; i < lines.size(); ++i)
            out_ << (i > 0 ? "\r\n" : "") << lines[i] << "\033[K";
        out_ << "\033[J" << std::flush;
    }

  private:
    RawTerminal keys_{STDIN_FILENO}; // in the background this waits, before anything is drawn
    std::ostream& out_;
};

ScreenSize screen_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
        return {};
    return {.columns = size.ws_col, .lines = size.ws_row};
}

bool operator!=(const ScreenSize& a, const ScreenSize& b) {
    return a.columns != b.columns || a.lines != b.lines;
}

enum class Wake { due, redraw, look, stop, end };

constexpr char kControlC = 3;
constexpr char kControlD = 4;
constexpr char kControlZ = 26;

Wake obey(char key, TopOrder& order) {
    switch (key) {
    case 'q':
    case kControlC:
    case kControlD:
        return Wake::end;
    case kControlZ:
        ::kill(0, SIGTSTP); // as a terminal that is not raw does it: us, and who runs with us
        break;
    case ' ':
        return Wake::look;
    case 'c':
        order = TopOrder::cpu;
        break;
    case 'm':
        order = TopOrder::memory;
        break;
    case 'n':
        order = TopOrder::network;
        break;
    case 'd':
        order = TopOrder::disk;
        break;
    case 'a':
        order = TopOrder::name;
        break;
    default:
        break;
    }
    return Wake::redraw;
}

/// Waits for a key, a signal, another size of the screen, or the next look.
class Waiter {
  public:
    explicit Waiter(Context& context) : context_{context} {}

    Wake wait(Clock::time_point deadline, TopOrder& order, ScreenSize shown) {
        constexpr milliseconds kGlance{250}; // at the size
        while (true) {
            const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
            if (left.count() <= 0) return Wake::due;
            std::array<pollfd, 2> ready{
                {{signals_.fd(), POLLIN, 0}, {is_deaf_ ? -1 : STDIN_FILENO, POLLIN, 0}}};
            ::poll(ready.data(), ready.size(), static_cast<int>(std::min(left, kGlance).count()));
            if (ready[0].revents != 0) return obey_signal();
            if (ready[1].revents != 0) return read_key(order);
            if (screen_size() != shown) return Wake::redraw;
        }
    }

  private:
    Wake obey_signal() {
        const int signal = signals_.take();
        if (signal == SIGTSTP) return Wake::stop;
        context_.status = exit_status_of_signal(signal);
        return Wake::end;
    }

    /// An input that has ended types nothing more.
    Wake read_key(TopOrder& order) {
        char key = 0;
        if (::read(STDIN_FILENO, &key, 1) == 1) return obey(key, order);
        is_deaf_ = true;
        return Wake::redraw;
    }

    Context& context_;
    SignalCatcher signals_{SIGTSTP};
    bool is_deaf_ = false;
};

/// While pvhd is waited for, neither keys nor signals are heeded.
constexpr std::chrono::seconds kPatience{5};

milliseconds delay_of(const TopOptions& options) {
    return milliseconds{static_cast<std::int64_t>(options.delay_s * 1000)};
}

void run_screen(TopOptions options, Context& context) {
    context.daemon.set_patience(kPatience);
    TopSample former = look(context); // what is wrong is told on the usual screen
    TopSample now = former;
    Waiter waiter{context};
    std::optional<OtherScreen> screen{std::in_place, context.out};
    auto deadline = Clock::now() + std::min(delay_of(options), milliseconds{500}); // soon first
    for (unsigned looks = 0;;) {
        const ScreenSize size = screen_size();
        screen->show(top_screen(now, top_rows(former, now, options.order), options.order, size));
        const Wake wake = waiter.wait(deadline, options.order, size);
        if (wake == Wake::end) return;
        if (wake == Wake::stop) {
            screen.reset();
            SignalCatcher::stop();
            screen.emplace(context.out);
        }
        if (wake == Wake::stop || wake == Wake::redraw) continue;
        if (options.iterations > 0 && ++looks > options.iterations) return;
        former = std::exchange(now, look(context));
        deadline = Clock::now() + delay_of(options);
    }
}

/// Tables, one after the other; the first is of the time since pvhctl looked first.
void run_batch(const TopOptions& options, Context& context) {
    const SignalCatcher signals;
    context.daemon.set_patience(kPatience);
    TopSample former = look(context);
    for (unsigned i = 0; options.iterations == 0 || i < options.iterations; ++i) {
        pollfd ended{signals.fd(), POLLIN, 0};
        ::poll(&ended, 1, static_cast<int>(delay_of(options).count()));
        if (ended.revents != 0) {
            context.status = exit_status_of_signal(signals.take());
            return;
        }
        TopSample now = look(context);
        for (const std::string& line :
             top_batch(top_rows(former, now, options.order), context.has_headers))
            print_line(context, line);
        context.out << std::flush;
        if (!context.out) return; // nobody reads any more
        former = std::move(now);
    }
}

} // namespace

void setup_top(::CLI::App& app, Context& context) {
    auto options = std::make_shared<TopOptions>();
    ::CLI::App* sub =
        app.add_subcommand("top", "Watch what domains use of CPUs, memory, network, disks");
    sub->add_option("-d,--delay", options->delay_s, "Between two looks")
        ->type_name("SECONDS")
        ->check(::CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    sub->add_option("-i,--iterations", options->iterations,
                    "How many looks; else until it is ended")
        ->type_name("N");
    sub->add_flag("-b,--batch", options->is_batch, "Print tables instead; so it is in a pipe, too");
    const std::map<std::string, TopOrder> orders{{"cpu", TopOrder::cpu},
                                                 {"memory", TopOrder::memory},
                                                 {"network", TopOrder::network},
                                                 {"disk", TopOrder::disk},
                                                 {"name", TopOrder::name}};
    sub->add_option_function<std::string>(
           "-o,--order",
           [options, orders](const std::string& word) { options->order = orders.at(word); },
           "Who comes first")
        ->check(::CLI::IsMember(orders))
        ->type_name("KEY");
    add_examples(*sub, kLooking, {"pvhctl top", "pvhctl top -b -i 1 -d 5 --order disk"});
    sub->callback([options, &context] {
        if (context.json)
            return print_json(context,
                              context.daemon.call("domain.usage", nlohmann::json::object()));
        if (options->is_batch || !context.out_is_terminal) return run_batch(*options, context);
        run_screen(*options, context);
    });
}

} // namespace pvh::cli
