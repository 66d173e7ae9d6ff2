// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints every CPUID leaf of CPU 0 that the ranges announce, one a line, for comparing guests:
// static, for an initrd.
#include <cstdio>

#include <cpuid.h>
#include <sched.h>

namespace {

// Leaves with subleaves: as many as could matter; what a CPU does not have comes back as zeroes or
// repeats.
unsigned subleaves_of(unsigned leaf) {
    switch (leaf) {
    case 0x4:
    case 0xb:
    case 0x8000001d:
        return 5;
    case 0x7:
        return 3;
    case 0xd:
        return 10;
    case 0x40000003:
        return 3;
    default:
        return 1;
    }
}

void print_range(unsigned base) {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    __cpuid(base, a, b, c, d);
    const unsigned last = a;
    if (last < base || last > base + 0x40) return;
    for (unsigned leaf = base; leaf <= last; ++leaf)
        for (unsigned subleaf = 0; subleaf < subleaves_of(leaf); ++subleaf) {
            __cpuid_count(leaf, subleaf, a, b, c, d);
            std::printf("guest: cpuid %08x.%x %08x %08x %08x %08x\n", leaf, subleaf, a, b, c, d);
        }
}

} // namespace

int main() {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first); // the APIC id differs from CPU to CPU
    sched_setaffinity(0, sizeof(first), &first);
    print_range(0);
    print_range(0x40000000);
    print_range(0x80000000);
}
