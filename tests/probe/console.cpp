// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/probe/console.h"

#include "tests/probe/hypercall.h"
#include "tests/probe/xen.h"

namespace pvh::probe {

namespace {

volatile xencons_interface* ring = nullptr;
u32 port = 0;

// For a backend that is starting. One that has once kept us waiting so long is waited for no more.
constexpr u64 kPatience = 10'000;
bool has_reader = true;
bool began_empty = false;

u32 used() {
    return ring->out_prod - ring->out_cons;
}

bool has_room() {
    return used() < sizeof(ring->out);
}

void put(char c) {
    if (!has_room() && has_reader) {
        send_event(port);
        has_reader = wait_for(kPatience, has_room);
    }
    if (!has_room()) return;
    const u32 producer = ring->out_prod;
    ring->out[MASK_XENCONS_IDX(producer, ring->out)] = c;
    barrier(); // the character before the index that tells of it
    ring->out_prod = producer + 1;
}

} // namespace

void open_console() {
    const HvmParam page = hvm_param(HVM_PARAM_CONSOLE_PFN);
    const HvmParam event = hvm_param(HVM_PARAM_CONSOLE_EVTCHN);
    if (page.error != 0 || page.value == 0 || page.value >= kFourGiB / kPage) return;
    auto& found = at<volatile xencons_interface>(page.value * kPage);
    began_empty = found.out_prod == 0 && found.out_cons == 0 && found.in_cons == 0;
    if (event.error != 0 || event.value == 0) return;
    port = static_cast<u32>(event.value);
    ring = &found;
}

bool console_began_empty() {
    return began_empty;
}

void say_on_console(Text text) {
    if (ring == nullptr) return;
    for (std::size_t i = 0; i < text.size; ++i)
        put(text.begin[i]);
    put('\r');
    put('\n');
    send_event(port);
}

void drain_console() {
    if (ring == nullptr || !has_reader) return;
    wait_for(kPatience, [] { return used() == 0; });
}

} // namespace pvh::probe
