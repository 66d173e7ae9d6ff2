// SPDX-License-Identifier: LGPL-2.1-or-later
// The processor, in the few instructions that C++ has no words for.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pvh::probe {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;

inline constexpr u64 kPage = 4096;
inline constexpr u64 kFourGiB = 1ULL << 32;

/// The object at a physical address below 4 GiB, which boot.S maps where it is.
template <class T> T& at(u64 address) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr,clang-analyzer-core.uninitialized.UndefReturn)
    return *reinterpret_cast<T*>(address); // numbers are addresses here, and memory begins at 0
}

template <class T> u64 address_of(const T* object) {
    return reinterpret_cast<u64>(object);
}

template <class T> volatile T& mmio(u64 address) {
    return at<volatile T>(address);
}

struct CpuidResult {
    u32 eax, ebx, ecx, edx;
};

inline CpuidResult cpuid(u32 leaf, u32 subleaf = 0) {
    CpuidResult r{};
    asm volatile("cpuid"
                 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                 : "a"(leaf), "c"(subleaf));
    return r;
}

inline u64 rdmsr(u32 index) {
    u32 low = 0;
    u32 high = 0;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
    return u64{high} << 32 | low;
}

inline void wrmsr(u32 index, u64 value) {
    asm volatile("wrmsr" ::"c"(index), "a"(static_cast<u32>(value)),
                 "d"(static_cast<u32>(value >> 32))
                 : "memory");
}

inline u64 rdtsc() {
    u32 low = 0;
    u32 high = 0;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return u64{high} << 32 | low;
}

inline void out8(u16 port, u8 value) {
    asm volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

inline void out32(u16 port, u32 value) {
    asm volatile("outl %0, %1" ::"a"(value), "Nd"(port));
}

inline u8 in8(u16 port) {
    u8 value = 0;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

inline u32 in32(u16 port) {
    u32 value = 0;
    asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/// What other processors and backends see keeps its order; on x86 only the compiler may reorder
/// stores, and mfence keeps loads behind them.
inline void barrier() {
    asm volatile("mfence" ::: "memory");
}

inline void pause() {
    asm volatile("pause" ::: "memory");
}

inline void interrupts_on() {
    asm volatile("sti" ::: "memory");
}

inline void interrupts_off() {
    asm volatile("cli" ::: "memory");
}

inline u64 read_cr3() {
    u64 value = 0;
    asm volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

inline void invalidate(u64 linear) {
    asm volatile("invlpg (%0)" ::"r"(linear) : "memory");
}

} // namespace pvh::probe
