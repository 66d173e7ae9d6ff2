// SPDX-License-Identifier: LGPL-2.1-or-later
// Further vCPUs: by hypercall in every mode, by INIT and SIPI, stopped, resumed and reset.
#include "tests/probe/ap.h"

#include "tests/probe/ap_context.h"
#include "tests/probe/checks.h"
#include "tests/probe/events.h"
#include "tests/probe/guest_map.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/interrupts.h"
#include "tests/probe/lapic.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

constexpr u64 kPatience = 5'000; // milliseconds
constexpr unsigned kMostVcpus = 128;
constexpr unsigned kSharedInfoVcpus = XEN_LEGACY_MAX_VCPUS; // have a vcpu_info without asking

constexpr u32 kCr0Pe = 1U << 0;
constexpr u32 kCr0Pg = 1U << 31;
constexpr u32 kCr4Pae = 1U << 5;
constexpr u32 kEferLma = 1U << 10;

/// A mode, by what shows in the mark.
struct Mode {
    const char* name;
    u32 push_size;
    bool is_protected, is_paged, has_pae, is_long;
};

constexpr Mode kRealMode{"real", 2, false, false, false, false};
constexpr Mode kProtectedMode{"protected", 4, true, false, false, false};
constexpr Mode kPagedMode{"paged", 4, true, true, false, false};
constexpr Mode kPaeMode{"PAE", 4, true, true, true, false};
constexpr Mode kLongMode{"64-bit", 8, true, true, true, true};

u32 apic_id_of(unsigned vcpu) {
    return 2 * vcpu; // Xen's rule   [xen/arch/x86/cpuid.c]
}

i64 initialise(unsigned vcpu, const vcpu_hvm_context_t& context) {
    return vcpu_op(VCPUOP_initialise, vcpu, &context);
}

bool is_up(unsigned vcpu) {
    return vcpu_op(VCPUOP_is_up, vcpu) == 1;
}

/// Xen looks for a state that is there before it looks at the one that is offered.
bool has_state(unsigned vcpu) {
    vcpu_hvm_context_t nonsense{};
    nonsense.mode = ~0U;
    return initialise(vcpu, nonsense) == -XEN_EEXIST;
}

unsigned count_vcpus() {
    unsigned count = 1;
    while (count < kMostVcpus && vcpu_op(VCPUOP_is_up, count) >= 0)
        ++count;
    return count;
}

void clear_mark() {
    mark_of_ap() = {};
    barrier();
}

bool beats() {
    const u32 before = mark_of_ap().beats;
    return wait_for(kPatience, [&] { return mark_of_ap().beats != before; });
}

bool stands_still() {
    wait_for(5, [] { return false; }); // the last instruction under way
    const u32 before = mark_of_ap().beats;
    wait_for(20, [] { return false; });
    return mark_of_ap().beats == before;
}

bool runs_in(const Mode& mode, unsigned vcpu) {
    const Mark& mark = mark_of_ap();
    return wait_for(kPatience, [&] { return mark.done != 0; }) &&
           mark.push_size == mode.push_size && ((mark.cr0 & kCr0Pe) != 0) == mode.is_protected &&
           ((mark.cr0 & kCr0Pg) != 0) == mode.is_paged &&
           ((mark.cr4 & kCr4Pae) != 0) == mode.has_pae &&
           ((mark.efer & kEferLma) != 0) == mode.is_long && mark.apic_id == apic_id_of(vcpu);
}

Line seen_of(unsigned vcpu) {
    const Mark& mark = mark_of_ap();
    if (mark.done == 0) return Line{"vcpu ", vcpu, " left no mark"};
    return Line{"vcpu ",        vcpu,
                " pushes ",     u32{mark.push_size},
                " bytes, cr0=", hex(u32{mark.cr0}),
                " cr4=",        hex(u32{mark.cr4}),
                " efer=",       hex(u32{mark.efer}),
                " apic ",       u32{mark.apic_id}};
}

/// Takes a vCPU's state away, running or not, so that it can be given another.
bool reset(unsigned vcpu) {
    send_init(apic_id_of(vcpu));
    return wait_for(kPatience, [&] { return !has_state(vcpu) && !is_up(vcpu); });
}

void check_reset(unsigned vcpu, const Mode& mode) {
    const bool gone = reset(vcpu);
    check("ap.init_resets", gone && stands_still(), "vcpu ", vcpu, " from ", mode.name, " mode",
          gone ? "" : " still has its state");
}

void check_stop_and_go(unsigned vcpu, const Mode& mode) {
    const i64 down = vcpu_op(VCPUOP_down, vcpu);
    const bool stopped = wait_for(kPatience, [&] { return !is_up(vcpu); });
    check("ap.stops", down == 0 && stopped && stands_still(), "vcpu ", vcpu, " in ", mode.name,
          " mode, error ", down);
    const i64 up = vcpu_op(VCPUOP_up, vcpu);
    check("ap.resumes", up == 0 && is_up(vcpu) && beats(), "vcpu ", vcpu, " in ", mode.name,
          " mode, error ", up);
}

/// Starts a vCPU in a state; reports under the clause whether it runs in that mode.
bool check_start(ClauseId clause, unsigned vcpu, const Mode& mode,
                 const vcpu_hvm_context_t& context) {
    clear_mark();
    const i64 given = initialise(vcpu, context);
    const bool waits = vcpu_op(VCPUOP_is_up, vcpu) == 0;
    const i64 up = given == 0 ? vcpu_op(VCPUOP_up, vcpu) : given;
    if (up != 0) {
        check(clause, false, "vcpu ", vcpu, ": error ", given, " and ", up);
        return false;
    }
    const bool runs = runs_in(mode, vcpu);
    const bool holds = waits && runs && is_up(vcpu);
    check(clause, holds, seen_of(vcpu));
    return holds;
}

void check_mode(ClauseId clause, unsigned vcpu, const Mode& mode,
                const vcpu_hvm_context_t& context) {
    if (check_start(clause, vcpu, mode, context)) check_stop_and_go(vcpu, mode);
    check_reset(vcpu, mode);
}

void check_startup_ipi(unsigned vcpu) {
    clear_mark();
    send_init(apic_id_of(vcpu));
    send_startup(apic_id_of(vcpu), kRealModeCode);
    send_startup(apic_id_of(vcpu), kRealModeCode); // the second changes nothing
    const bool runs = runs_in(kRealMode, vcpu);
    const bool at_vector = mark_of_ap().cs == kRealModeCode >> 4;
    check("ap.sipi", runs && at_vector && is_up(vcpu), seen_of(vcpu),
          " cs=", hex(u32{mark_of_ap().cs}));
    check_reset(vcpu, kRealMode);
}

void check_all_down(unsigned count) {
    unsigned up = 0;
    for (unsigned vcpu = 1; vcpu < count; ++vcpu)
        if (is_up(vcpu)) ++up;
    check("ap.down", up == 0, up, " of ", count - 1, " are up");
}

void check_refusals(unsigned vcpu) {
    const i64 up = vcpu_op(VCPUOP_up, vcpu);
    check("ap.up_early", up == -XEN_EINVAL, "vcpu ", vcpu, " error ", up);
    for (const BadState& bad : bad_states()) {
        vcpu_hvm_context_t context = bad.good();
        bad.spoil(context);
        const i64 error = initialise(vcpu, context);
        check("ap.refuses", error == -XEN_EINVAL, bad.what, ": error ", error);
        if (error == 0) reset(vcpu); // accepted: make room for the next
    }
    const i64 unknown = initialise(kMostVcpus, protected_mode_context());
    check("ap.refuses", unknown == -XEN_ENOENT, "vcpu ", kMostVcpus, ": error ", unknown);
    const i64 first = initialise(0, protected_mode_context());
    check("ap.initialise_twice", first == -XEN_EEXIST, "vcpu 0, which runs: error ", first);
    const i64 given = initialise(vcpu, protected_mode_context());
    const i64 again = initialise(vcpu, protected_mode_context());
    check("ap.initialise_twice", given == 0 && again == -XEN_EEXIST, "vcpu ", vcpu, ": error ",
          given, ", then ", again);
    check_reset(vcpu, kProtectedMode);
}

i64 set_upcall_vector(unsigned vcpu) {
    xen_hvm_evtchn_upcall_vector argument{.vcpu = vcpu, .vector = kUpcallVector};
    return hypercall_on(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, argument);
}

/// An IPI channel bound to the AP, which waits with interrupts on.
void check_event(unsigned vcpu) {
    clear_mark();
    evtchn_bind_ipi bind{.vcpu = vcpu, .port = 0};
    i64 error = map_shared_info();
    if (error == 0) error = hypercall_on(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, bind);
    if (error == 0) error = initialise(vcpu, event_context());
    if (error == 0) error = vcpu_op(VCPUOP_up, vcpu);
    const bool ready = error == 0 && wait_for(kPatience, [] { return mark_of_ap().done != 0; });
    if (error == 0) error = set_upcall_vector(vcpu);
    const u64 before = arrivals(kUpcallVector);
    const u64 heard = deliveries(bind.port);
    unmask(bind.port);
    send_event(bind.port);
    const bool came = wait_for(kPatience, [&] {
        return deliveries(bind.port) > heard && arrivals(kUpcallVector) > before;
    });
    check("ap.event", ready && came && error == 0, "vcpu ", vcpu, " vector ", hex(kUpcallVector),
          " came ", arrivals(kUpcallVector) - before, " times, error ", error);
    close_port(bind.port);
    reset(vcpu);
}

// Each has its own: Xen keeps it mapped for good.
alignas(kPage) vcpu_info registered[kMostVcpus];
static_assert(sizeof(vcpu_info) == 64);

void check_registered(unsigned vcpu) {
    vcpu_register_vcpu_info argument{.mfn = address_of(&registered[vcpu]) / kPage,
                                     .offset =
                                         static_cast<u32>(address_of(&registered[vcpu]) % kPage),
                                     .rsvd = 0};
    const i64 error = vcpu_op(VCPUOP_register_vcpu_info, vcpu, &argument);
    if (error != 0) {
        check("ap.vcpu_info", false, "vcpu ", vcpu, ": error ", error);
        return;
    }
    set_info_of(vcpu, &registered[vcpu]);
    check_start("ap.vcpu_info", vcpu, kLongMode, long_mode_context());
    reset(vcpu);
}

/// Those beyond the second: by hypercall and by SIPI in turn.
void check_others(unsigned count) {
    for (unsigned vcpu = 2; vcpu < count; ++vcpu)
        if (vcpu >= kSharedInfoVcpus) {
            check_registered(vcpu);
        } else if (vcpu % 2 == 0) {
            check_start("ap.mode64", vcpu, kLongMode, long_mode_context());
            reset(vcpu);
        } else {
            check_startup_ipi(vcpu);
        }
}

void copy_real_mode_code() {
    const u64 size = address_of(ap_real_mode_end) - address_of(ap_real_mode);
    __builtin_memcpy(&at<u8>(kRealModeCode), ap_real_mode, size);
}

extern "C" void ap_event_main() {
    load_interrupts();
    enable_lapic();
    mark_of_ap().done = 1;
    interrupts_on();
    for (;;)
        pause();
}

} // namespace

void check_ap() {
    const unsigned count = count_vcpus();
    if (count < 2) {
        skip("ap.down", "there is one vCPU");
        return;
    }
    if (!in_ram({kRealModeCode, kRealModeStack - kRealModeCode})) {
        skip("ap.down", "no RAM at ", hex(kRealModeCode), " for real mode");
        return;
    }
    copy_real_mode_code();
    constexpr unsigned kVcpu = 1;
    check_all_down(count);
    check_refusals(kVcpu);
    check_mode("ap.mode16", kVcpu, kRealMode, real_mode_context());
    check_mode("ap.mode32", kVcpu, kProtectedMode, protected_mode_context());
    check_mode("ap.mode32_paged", kVcpu, kPagedMode, paged_context());
    check_mode("ap.mode64", kVcpu, kLongMode, long_mode_context());
    check_startup_ipi(kVcpu);
    check_event(kVcpu);
    check_others(count);
    // Last, because it is what emulators get wrong: it must not take the others with it.
    check_mode("ap.mode32_pae", kVcpu, kPaeMode, pae_context());
}

} // namespace pvh::probe
