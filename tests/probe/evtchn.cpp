// SPDX-License-Identifier: LGPL-2.1-or-later
// Event channels and both ways in which Xen tells of them.
#include "tests/probe/checks.h"
#include "tests/probe/events.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/interrupts.h"
#include "tests/probe/lapic.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

constexpr u64 kPatience = 5'000; // milliseconds

/// Runs with interrupts on until `condition()` holds.
template <class Condition> bool wait_with_interrupts(u64 milliseconds, Condition condition) {
    interrupts_on();
    const bool came = wait_for(milliseconds, condition);
    interrupts_off();
    return came;
}

/// A channel from this domain to itself.
struct Loop {
    i64 error;
    u32 listener, sender;
};

Loop make_loop() {
    evtchn_alloc_unbound alloc{.dom = DOMID_SELF, .remote_dom = DOMID_SELF, .port = 0};
    i64 error = hypercall_on(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, alloc);
    if (error != 0) return {error, 0, 0};
    evtchn_bind_interdomain bind{
        .remote_dom = DOMID_SELF, .remote_port = alloc.port, .local_port = 0};
    error = hypercall_on(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, bind);
    return {error, alloc.port, bind.local_port};
}

void close_loop(const Loop& loop) {
    close_port(loop.sender);
    close_port(loop.listener);
}

/// Sends through a loop and waits for the listener to hear of it at this vector.
void check_vector(ClauseId clause, const Loop& loop, u8 vector, i64 error) {
    wait_with_interrupts(5,
                         [] { return false; }); // a vector that is set comes once without an event
    const u64 before = arrivals(vector);
    const u64 heard = deliveries(loop.listener);
    unmask(loop.listener);
    send_event(loop.sender);
    const bool came = wait_with_interrupts(
        kPatience, [&] { return deliveries(loop.listener) > heard && arrivals(vector) > before; });
    mask(loop.listener);
    check(clause, error == 0 && came, "vector ", hex(vector), " came ", arrivals(vector) - before,
          " times, event ", deliveries(loop.listener) - heard, " times, error ", error);
}

void check_masked(const Loop& loop) {
    const u64 heard = deliveries(loop.listener);
    mask(loop.listener);
    send_event(loop.sender);
    const bool early = wait_with_interrupts(20, [&] { return deliveries(loop.listener) != heard; });
    unmask(loop.listener);
    const bool late =
        wait_with_interrupts(kPatience, [&] { return deliveries(loop.listener) != heard; });
    mask(loop.listener);
    check("evtchn.masked", !early && late, early ? "came while masked, " : "",
          deliveries(loop.listener) - heard, " times in all");
}

void check_ipi() {
    evtchn_bind_ipi bind{.vcpu = 0, .port = 0};
    const i64 error = hypercall_on(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, bind);
    if (error != 0) {
        check("evtchn.ipi", false, "bind error ", error);
        return;
    }
    const u64 heard = deliveries(bind.port);
    unmask(bind.port);
    send_event(bind.port);
    const bool came =
        wait_with_interrupts(kPatience, [&] { return deliveries(bind.port) > heard; });
    close_port(bind.port);
    check("evtchn.ipi", came, "port ", bind.port, " came ", deliveries(bind.port) - heard,
          " times");
}

void check_singleshot(u32 port) {
    constexpr u64 kDelay = 20'000'000; // nanoseconds
    const u64 heard = deliveries(port);
    const u64 due = system_time() + kDelay;
    vcpu_set_singleshot_timer timer{.timeout_abs_ns = due, .flags = 0};
    const i64 error = vcpu_op(VCPUOP_set_singleshot_timer, 0, &timer);
    const bool came = wait_with_interrupts(kPatience, [&] { return deliveries(port) > heard; });
    const u64 now = system_time();
    wait_with_interrupts(50, [] { return false; }); // it would come again in this time
    const u64 times = deliveries(port) - heard;
    check("evtchn.singleshot", error == 0 && came && now >= due && times == 1, times, " times, ",
          static_cast<i64>(now - due) / 1000, " us late, error ", error);
}

void check_periodic(u32 port) {
    constexpr u64 kPeriod = 10'000'000;
    constexpr u64 kTimes = 5;
    const u64 heard = deliveries(port);
    vcpu_set_periodic_timer timer{.period_ns = kPeriod};
    i64 error = vcpu_op(VCPUOP_set_periodic_timer, 0, &timer);
    const bool came =
        wait_with_interrupts(kPatience, [&] { return deliveries(port) >= heard + kTimes; });
    if (error == 0) error = vcpu_op(VCPUOP_stop_periodic_timer, 0);
    wait_with_interrupts(20, [] { return false; }); // for what was already under way
    const u64 stopped = deliveries(port);
    wait_with_interrupts(50, [] { return false; });
    check("evtchn.periodic", error == 0 && came && deliveries(port) == stopped, stopped - heard,
          " times, then ", deliveries(port) - stopped, ", error ", error);
}

void check_timers() {
    evtchn_bind_virq bind{.virq = VIRQ_TIMER, .vcpu = 0, .port = 0};
    const i64 error = hypercall_on(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, bind);
    if (error != 0) {
        check("evtchn.singleshot", false, "VIRQ_TIMER bind error ", error);
        return;
    }
    unmask(bind.port);
    check_singleshot(bind.port);
    check_periodic(bind.port);
    close_port(bind.port);
}

i64 set_upcall_vector() {
    enable_lapic();
    xen_hvm_evtchn_upcall_vector argument{.vcpu = 0, .vector = kUpcallVector};
    return hypercall_on(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, argument);
}

i64 set_callback_vector() {
    constexpr u64 kVectorType = u64{HVM_PARAM_CALLBACK_TYPE_VECTOR} << 56;
    return set_hvm_param(HVM_PARAM_CALLBACK_IRQ, kVectorType | kCallbackVector);
}

} // namespace

void check_evtchn() {
    if (map_shared_info() != 0) {
        skip("evtchn.interdomain", "no shared info page");
        return;
    }
    const Loop loop = make_loop();
    check("evtchn.interdomain", loop.error == 0, "ports ", loop.sender, " to ", loop.listener,
          ", error ", loop.error);
    if (loop.error != 0) return;
    // In this order: with a callback vector Xen uses that as well, and for a domain without legacy
    // interrupt controllers it cannot be taken back.   [xen/arch/x86/hvm/irq.c]
    check_vector("evtchn.upcall_vector", loop, kUpcallVector, set_upcall_vector());
    check_vector("evtchn.callback", loop, kCallbackVector, set_callback_vector());
    check_masked(loop);
    close_loop(loop);
    check_ipi();
    check_timers();
}

} // namespace pvh::probe
