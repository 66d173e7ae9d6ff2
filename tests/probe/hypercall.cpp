// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/probe/hypercall.h"

#include "tests/probe/interrupts.h"
#include "tests/probe/xen.h"

namespace pvh::probe {

namespace {

alignas(kPage) u8 page[kPage];

// Entries of the page are 32 bytes apart, by hypercall number.
constexpr u64 kEntrySize = 32;

} // namespace

u32 xen_leaves() {
    constexpr u32 kStep = 0x100;
    constexpr u32 kEnd = kXenLeaves + 0x10000;
    static u32 found;
    for (u32 leaf = kXenLeaves; found == 0 && leaf < kEnd; leaf += kStep)
        if (cpuid(leaf).ebx == XEN_CPUID_SIGNATURE_EBX) found = leaf;
    return found;
}

CpuidResult xen_leaf(u32 index) {
    const u32 first = xen_leaves();
    return first != 0 && index <= cpuid(first).eax - first ? cpuid(first + index) : CpuidResult{};
}

bool set_up_hypercalls() {
    const CpuidResult pages = xen_leaf(2);
    if (pages.eax == 0 || pages.ebx == 0) return false;
    wrmsr(pages.ebx, address_of(page));
    return true;
}

i64 hypercall(unsigned number, u64 a1, u64 a2, u64 a3) {
    i64 result = 0;
    asm volatile("call *%[entry]"
                 : "=a"(result), "+D"(a1), "+S"(a2), "+d"(a3)
                 : [entry] "r"(page + number * kEntrySize)
                 : "memory", "rcx", "r8", "r9", "r10", "r11");
    return result;
}

bool uses_vmmcall() {
    const u32 vendor = cpuid(0).ebx;
    return vendor == 0x68747541 || vendor == 0x6f677948; // "Auth", "Hygo"
}

i64 direct_hypercall(unsigned number, u64 a1, u64 a2, u64 a3) {
    const ExpectedFault undefined_opcode; // where CPUID's vendor is not the processor's
    i64 result = number;
    if (uses_vmmcall())
        asm volatile("vmmcall" : "+a"(result), "+D"(a1), "+S"(a2), "+d"(a3)::"memory");
    else
        asm volatile("vmcall" : "+a"(result), "+D"(a1), "+S"(a2), "+d"(a3)::"memory");
    return undefined_opcode.came() ? -XEN_ENOSYS : result;
}

const u8* hypercall_page() {
    return page;
}

i64 vcpu_op(unsigned operation, unsigned vcpu, const void* argument) {
    return hypercall(__HYPERVISOR_vcpu_op, operation, vcpu, reinterpret_cast<u64>(argument));
}

HvmParam hvm_param(unsigned index) {
    xen_hvm_param param{.domid = DOMID_SELF, .pad = 0, .index = index, .value = 0};
    const i64 error = hypercall_on(__HYPERVISOR_hvm_op, HVMOP_get_param, param);
    return {.error = error, .value = param.value};
}

i64 set_hvm_param(unsigned index, u64 value) {
    xen_hvm_param param{.domid = DOMID_SELF, .pad = 0, .index = index, .value = value};
    return hypercall_on(__HYPERVISOR_hvm_op, HVMOP_set_param, param);
}

i64 send_event(u32 port) {
    evtchn_send send{.port = port};
    return hypercall_on(__HYPERVISOR_event_channel_op, EVTCHNOP_send, send);
}

void yield() {
    hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield);
}

i64 map_at(u64 gfn, unsigned space, u64 index) {
    xen_add_to_physmap map{
        .domid = DOMID_SELF, .size = 0, .space = space, .idx = index, .gpfn = gfn};
    return hypercall_on(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, map);
}

void shut_down(unsigned reason) {
    sched_shutdown shutdown{.reason = reason};
    hypercall_on(__HYPERVISOR_sched_op, SCHEDOP_shutdown, shutdown);
    for (;;) // Xen does not come back; if there is no Xen, nothing better is left
        asm volatile("cli; hlt");
}

u64 tsc_ticks(u64 milliseconds) {
    static u64 khz;
    if (khz == 0) khz = xen_leaf(3).ecx;
    if (khz == 0) khz = 1'000'000; // waits become longer or shorter, never endless
    return khz * milliseconds;
}

} // namespace pvh::probe
