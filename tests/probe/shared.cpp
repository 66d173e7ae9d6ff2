// SPDX-License-Identifier: LGPL-2.1-or-later
// The shared info page: wall clock and time.
#include "tests/probe/checks.h"
#include "tests/probe/events.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

constexpr u64 kSecondsIn2020 = 1577836800;
constexpr u64 kSecondsIn2100 = 4102444800;

u64 wall_clock() {
    volatile shared_info& info = *shared();
    for (;;) {
        const u32 version = info.wc_version;
        barrier();
        const u64 seconds = u64{info.wc_sec_hi} << 32 | info.wc_sec;
        barrier();
        if ((version & 1) == 0 && version == info.wc_version) return seconds;
    }
}

// wc_sec is the time at which system time was 0.
void check_wall_clock() {
    const u64 seconds = wall_clock();
    const u64 now = seconds + system_time() / 1'000'000'000;
    check("shared.wallclock", now > kSecondsIn2020 && now < kSecondsIn2100, "now=", now);
}

void check_time() {
    volatile vcpu_time_info& time = info_of(0).time;
    const u32 version = time.version;
    const u32 scale = time.tsc_to_system_mul;
    check("shared.time", (version & 1) == 0 && version != 0 && scale != 0, "version=", version,
          " mul=", scale, " shift=", static_cast<int>(time.tsc_shift));
}

// Twenty milliseconds by the TSC and CPUID's frequency are about as many by the shared page.
void check_advance() {
    constexpr u64 kMilliseconds = 20;
    constexpr u64 kNanoseconds = kMilliseconds * 1'000'000;
    const u64 before = system_time();
    const u64 begin = rdtsc();
    const u64 ticks = tsc_ticks(kMilliseconds);
    while (rdtsc() - begin < ticks)
        pause();
    const u64 passed = system_time() - before;
    check("shared.advances", passed > kNanoseconds / 2 && passed < kNanoseconds * 50, passed,
          " ns in at least ", kNanoseconds);
}

} // namespace

void check_shared() {
    const i64 error = map_shared_info();
    check("shared.mapped", error == 0, "at gfn ", hex(kSharedInfoGfn), " error ", error);
    if (error != 0) return;
    check_wall_clock();
    check_time();
    check_advance();
}

} // namespace pvh::probe
