// SPDX-License-Identifier: LGPL-2.1-or-later
// The order of a run: what everything else rests on comes first.
#include "tests/probe/checks.h"
#include "tests/probe/console.h"
#include "tests/probe/events.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/interrupts.h"
#include "tests/probe/lapic.h"
#include "tests/probe/options.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

struct Group {
    const char* name;
    void (*check)();
    bool by_default;
};

constexpr Group kGroups[] = {
    {"cpu", check_cpu, true},
    {"image", check_image, true},
    {"start_info", check_start_info, true},
    {"memory", check_memory, true},
    {"acpi", check_acpi, true},
    {"cpuid", check_cpuid, true},
    {"hypercall", check_hypercall, true},
    {"param", check_param, true},
    {"shared", check_shared, true},
    {"xenstore", check_xenstore, true},
    {"grant", check_grant, true},
    {"lapic", check_lapic, true},
    {"evtchn", check_evtchn, true},
    {"ap", check_ap, false},
};

[[noreturn]] void idle() {
    interrupts_on(); // with them off, Xen takes a halted vCPU for one that has ended
    for (;;)
        asm volatile("hlt");
}

// Nothing that follows would mean anything, and there is nobody to shut down by.
[[noreturn]] void end_without_xen() {
    say(Line{"no Xen: CPUID has no hypercall page to offer"});
    for (;;)
        asm volatile("cli; hlt");
}

[[noreturn]] void wait_for_watchdog() {
    sched_watchdog watchdog{.id = 0, .timeout = 1};
    hypercall_on(__HYPERVISOR_sched_op, SCHEDOP_watchdog, watchdog);
    idle();
}

[[noreturn]] void end_run() {
    const Option end = option("probe.end");
    if (end.is("idle")) idle();
    if (end.is("exception")) asm volatile("ud2");
    if (end.is("watchdog")) wait_for_watchdog();
    if (end.is("reboot")) shut_down(SHUTDOWN_reboot);
    if (end.is("crash")) shut_down(SHUTDOWN_crash);
    shut_down(SHUTDOWN_poweroff);
}

} // namespace

extern "C" [[noreturn]] void probe_main() {
    set_up_interrupts();
    if (!set_up_hypercalls()) end_without_xen();
    open_console();
    begin_report();
    for (const Group& group : kGroups)
        if (wanted(group.name, group.by_default)) group.check();
    end_report();
    drain_console();
    end_run();
}

} // namespace pvh::probe
