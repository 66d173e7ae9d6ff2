// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/probe/report.h"

#include "tests/probe/console.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/xen.h"

namespace pvh::probe {

namespace {

struct Counts {
    unsigned number, passed, failed, skipped;
};

Counts counts{};

// Xen logs what is written there line by line.   [xen/arch/x86/hvm/hvm.c hvm_print_line]
constexpr u16 kDebugPort = 0xe9;

void say_on_debug_port(Text text) {
    for (std::size_t i = 0; i < text.size; ++i)
        out8(kDebugPort, static_cast<u8>(text.begin[i]));
    out8(kDebugPort, '\n');
}

} // namespace

void say(const Line& line) {
    const Line whole{"probe: ", line};
    say_on_debug_port(whole.text());
    say_on_console(whole.text());
}

void begin_report() {
    say(Line{"begin"});
}

void end_report() {
    say(Line{"end passed=", counts.passed, " failed=", counts.failed, " skipped=", counts.skipped});
}

void report_outcome(ClauseId clause, bool holds, const Line& seen) {
    ++(holds ? counts.passed : counts.failed);
    say(Line{++counts.number, holds ? " pass " : " fail ", (*clause).id, " ", seen});
}

void report_skip(ClauseId clause, const Line& reason) {
    ++counts.skipped;
    say(Line{++counts.number, " skip ", (*clause).id, " ", reason});
}

void give_up(const Line& line) {
    interrupts_off();
    say(line);
    drain_console();
    shut_down(SHUTDOWN_crash);
}

} // namespace pvh::probe
