// SPDX-License-Identifier: LGPL-2.1-or-later
// A raw unikernel, in 32 or 64 bits from one source: no kernel below it, no library. It says on the
// console ring and by port 0xE9 how it was started, answers each line that is typed, and powers off
// at "quit".
// NOLINTBEGIN(modernize-deprecated-headers): those of C are the compiler's own, for 32 bits as well
#include <stddef.h>
#include <stdint.h>
// NOLINTEND(modernize-deprecated-headers)

#define __XEN_INTERFACE_VERSION__ 0x00040d00 // NOLINT(bugprone-reserved-identifier): Xen's name
extern "C" {
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/io/console.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/xen.h>
}

namespace {

using word = unsigned long;

constexpr word kPage = 4096;
constexpr word kEntrySize = 32; // of the hypercall page
constexpr unsigned kLongestLine = 80;

alignas(kPage) unsigned char hypercalls[kPage];
alignas(kPage) unsigned char shared_page[kPage];

xencons_interface* ring;
evtchn_port_t port;

template <class T> T* at(uint64_t address) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): numbers are addresses here
    return reinterpret_cast<T*>(static_cast<word>(address));
}

word address_of(const void* object) {
    return reinterpret_cast<word>(object);
}

void barrier() {
    asm volatile("lock orl $0, (%0)" ::"r"(&port) : "memory"); // any processor has it
}

void set_up_hypercalls() {
    uint32_t eax = 0x40000002; // ebx: the MSR that fills the page   [arch-x86/cpuid.h]
    uint32_t msr = 0;
    uint32_t ecx = 0;
    uint32_t edx = 0;
    asm volatile("cpuid" : "+a"(eax), "=b"(msr), "+c"(ecx), "=d"(edx));
    asm volatile("wrmsr" ::"c"(msr), "a"(static_cast<uint32_t>(address_of(hypercalls))), "d"(0)
                 : "memory");
}

long hypercall(unsigned number, word a, const void* b) {
    long result;
    word second = address_of(b);
    const word entry = address_of(hypercalls) + number * kEntrySize;
#ifdef __x86_64__
    asm volatile("call *%[entry]"
                 : "=a"(result), "+D"(a), "+S"(second)
                 : [entry] "r"(entry)
                 : "memory", "rcx", "rdx", "r8", "r9", "r10", "r11");
#else
    asm volatile("call *%[entry]"
                 : "=a"(result), "+b"(a), "+c"(second)
                 : [entry] "D"(entry)
                 : "memory", "edx", "esi");
#endif
    return result;
}

uint64_t hvm_param(unsigned index) {
    xen_hvm_param param{.domid = DOMID_SELF, .pad = 0, .index = index, .value = 0};
    hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, &param);
    return param.value;
}

void notify() {
    evtchn_send send{.port = port};
    hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send);
}

// The pending bit is what SCHEDOP_poll looks at, and the guest's to clear.
void wait_for_event() {
    sched_poll poll{};
    set_xen_guest_handle(poll.ports, &port);
    poll.nr_ports = 1;
    hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll);
    auto* pending = reinterpret_cast<volatile uint8_t*>(shared_page) +
                    offsetof(shared_info, evtchn_pending) + port / 8;
    asm volatile("lock andb %1, %0"
                 : "+m"(*pending)
                 : "q"(static_cast<uint8_t>(~(1U << port % 8)))
                 : "memory");
}

[[noreturn]] void shut_down(unsigned reason) {
    sched_shutdown shutdown{.reason = reason};
    hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &shutdown);
    for (;;)
        asm volatile("cli; hlt");
}

volatile XENCONS_RING_IDX& index_of(XENCONS_RING_IDX& index) {
    return index;
}

void put(char c) {
    asm volatile("outb %0, %1" ::"a"(c), "Nd"(static_cast<uint16_t>(0xe9)));
    while (index_of(ring->out_prod) - index_of(ring->out_cons) >= sizeof(ring->out))
        wait_for_event();
    ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = c;
    barrier();
    index_of(ring->out_prod) = ring->out_prod + 1;
}

void say(const char* text) {
    for (; *text != '\0'; ++text)
        put(*text);
}

void say(word number) {
    if (number >= 10) say(number / 10);
    put(static_cast<char>('0' + number % 10));
}

void end_line() {
    put('\n');
    notify();
}

char get() {
    while (index_of(ring->in_prod) == ring->in_cons)
        wait_for_event();
    barrier();
    const char c = ring->in[MASK_XENCONS_IDX(ring->in_cons, ring->in)];
    barrier();
    index_of(ring->in_cons) = ring->in_cons + 1;
    notify();
    return c;
}

struct Line {
    char text[kLongestLine + 1];
};

Line read_line() {
    Line line{};
    for (unsigned size = 0;;) {
        const char c = get();
        if (c == '\r' || c == '\n') return line;
        if (size < kLongestLine) line.text[size++] = c;
    }
}

bool is_quit(const Line& line) {
    const char* quit = "quit";
    const char* text = line.text;
    for (; *quit != '\0' && *quit == *text; ++quit, ++text) {
    }
    return *quit == *text;
}

void open_console() {
    xen_add_to_physmap map{.domid = DOMID_SELF,
                           .size = 0,
                           .space = XENMAPSPACE_shared_info,
                           .idx = 0,
                           .gpfn = address_of(shared_page) / kPage};
    hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &map);
    ring = at<xencons_interface>(hvm_param(HVM_PARAM_CONSOLE_PFN) * kPage);
    port = static_cast<evtchn_port_t>(hvm_param(HVM_PARAM_CONSOLE_EVTCHN));
}

word mebibytes(const hvm_start_info& info) {
    const auto* entries = at<const hvm_memmap_table_entry>(info.memmap_paddr);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < info.memmap_entries; ++i)
        if (entries[i].type == XEN_HVM_MEMMAP_TYPE_RAM) bytes += entries[i].size;
    return static_cast<word>(bytes >> 20);
}

} // namespace

extern "C" [[noreturn]] void unikernel_main(const hvm_start_info* info) {
    set_up_hypercalls();
    open_console();
    say("unikernel: ");
    say(sizeof(word) * 8);
    say(" bits, ");
    say(mebibytes(*info));
    say(" MiB, ");
    say(static_cast<word>(info->nr_modules));
    say(" modules, told: ");
    say(at<const char>(info->cmdline_paddr));
    end_line();
    for (;;) {
        const Line line = read_line();
        if (is_quit(line)) break;
        say("unikernel: heard: ");
        say(line.text);
        end_line();
    }
    say("unikernel: goodbye");
    end_line();
    while (index_of(ring->out_prod) != index_of(ring->out_cons))
        wait_for_event();
    shut_down(SHUTDOWN_poweroff);
}
