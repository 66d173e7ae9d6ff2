// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/probe/events.h"

#include "tests/probe/hypercall.h"

namespace pvh::probe {

namespace {

constexpr unsigned kPorts = 4096; // what the 2-level ABI has for a 64-bit guest
constexpr unsigned kPortsPerWord = 64;
constexpr unsigned kMostVcpus = 128;

volatile shared_info* shared_page = nullptr;
volatile vcpu_info* registered[kMostVcpus];
volatile u64 delivered[kPorts];

u64 exchange(volatile u64& word, u64 value) {
    asm volatile("xchg %0, %1" : "+r"(value), "+m"(word)::"memory");
    return value;
}

void set_bit(volatile u64& word, unsigned bit) {
    asm volatile("lock btsq %1, %0" : "+m"(word) : "r"(u64{bit}) : "memory");
}

void clear_bit(volatile u64& word, unsigned bit) {
    asm volatile("lock btrq %1, %0" : "+m"(word) : "r"(u64{bit}) : "memory");
}

void take_word(unsigned index) {
    volatile u64& pending = shared_page->evtchn_pending[index];
    u64 events = pending & ~shared_page->evtchn_mask[index];
    for (unsigned bit = 0; events != 0; ++bit, events >>= 1) {
        if ((events & 1) == 0) continue;
        clear_bit(pending, bit);
        const unsigned port = index * kPortsPerWord + bit;
        delivered[port] = delivered[port] + 1;
    }
}

} // namespace

volatile shared_info* shared() {
    return shared_page;
}

i64 map_shared_info() {
    if (shared_page != nullptr) return 0;
    if (const i64 error = map_at(kSharedInfoGfn, XENMAPSPACE_shared_info, 0); error != 0)
        return error;
    shared_page = &at<volatile shared_info>(kSharedInfoGfn * kPage);
    for (auto& word : shared_page->evtchn_mask)
        word = ~0UL;
    return 0;
}

volatile vcpu_info& info_of(unsigned vcpu) {
    if (registered[vcpu] != nullptr) return *registered[vcpu];
    return shared_page->vcpu_info[vcpu];
}

void set_info_of(unsigned vcpu, volatile vcpu_info* info) {
    registered[vcpu] = info;
}

unsigned this_vcpu() {
    const CpuidResult leaf = xen_leaf(4);
    return (leaf.eax & XEN_HVM_CPUID_VCPU_ID_PRESENT) != 0 ? leaf.ebx : 0;
}

u64 system_time() {
    volatile vcpu_time_info& time = info_of(0).time;
    for (;;) {
        const u32 version = time.version;
        barrier();
        const std::int8_t shift = time.tsc_shift;
        u64 delta = rdtsc() - time.tsc_timestamp;
        delta = shift < 0 ? delta >> -shift : delta << shift;
        const auto scaled = static_cast<unsigned __int128>(delta) * time.tsc_to_system_mul;
        const u64 now = time.system_time + static_cast<u64>(scaled >> 32);
        barrier();
        if ((version & 1) == 0 && version == time.version) return now;
    }
}

void take_events() {
    volatile vcpu_info& info = info_of(this_vcpu());
    info.evtchn_upcall_pending = 0; // before looking, so that what comes later is told again
    barrier();
    u64 words = exchange(info.evtchn_pending_sel, 0);
    for (unsigned index = 0; words != 0; ++index, words >>= 1)
        if ((words & 1) != 0) take_word(index);
}

u64 deliveries(u32 port) {
    return delivered[port % kPorts];
}

void mask(u32 port) {
    set_bit(shared_page->evtchn_mask[port / kPortsPerWord], port % kPortsPerWord);
}

i64 unmask(u32 port) {
    evtchn_unmask argument{.port = port}; // clears the bit, and tells of what is pending
    return hypercall_on(__HYPERVISOR_event_channel_op, EVTCHNOP_unmask, argument);
}

i64 close_port(u32 port) {
    mask(port);
    evtchn_close argument{.port = port};
    return hypercall_on(__HYPERVISOR_event_channel_op, EVTCHNOP_close, argument);
}

} // namespace pvh::probe
