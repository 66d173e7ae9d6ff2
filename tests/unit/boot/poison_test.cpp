// SPDX-License-Identifier: LGPL-2.1-or-later
// No byte of our heap reaches a guest (the class of XSA-464): a plan made on a poisoned heap is the
// same whatever the poison.
#include "plan_fixture.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include <gtest/gtest.h>

namespace {

unsigned char poison = 0xa5;

void* poisoned(std::size_t size) {
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc{};
    return std::memset(memory, poison, size);
}

} // namespace

// For the whole test program: every fresh allocation is full of poison, also under sanitizers,
// where mallopt has no say.
void* operator new(std::size_t size) {
    return poisoned(size);
}

void* operator new[](std::size_t size) {
    return poisoned(size);
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete[](void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace pvh::boot {

namespace {

BuildPlan plan_on_heap_full_of(unsigned char byte) {
    poison = byte;
    auto spec = test::spec_of(256);
    spec.max_vcpus = 128;
    // No feature bit 15: the plan has the RSDP's copy too.
    const auto kernel =
        test::fake_kernel({{0x1000000, 0x2001, "text"}, {0x1002100, 0x5000, "data"}}, 0);
    return plan_build(spec, kernel, test::ramdisk_of(12345), {});
}

void expect_the_same(const BuildPlan& first, const BuildPlan& second) {
    ASSERT_EQ(first.loads.size(), second.loads.size());
    for (std::size_t i = 0; i < first.loads.size(); ++i) {
        const Load& a = first.loads[i];
        const Load& b = second.loads[i];
        EXPECT_EQ(a.address, b.address) << a.what;
        EXPECT_EQ(a.size, b.size) << a.what;
        ASSERT_EQ(a.data.size(), b.data.size()) << a.what;
        EXPECT_TRUE(std::equal(a.data.span().begin(), a.data.span().end(), b.data.span().begin()))
            << a.what;
    }
    EXPECT_EQ(first.memory_map, second.memory_map);
    EXPECT_EQ(first.boot_vcpu, second.boot_vcpu);
}

TEST(Poison, OfTheHeapIsInNoByteThatAGuestGets) {
    expect_the_same(plan_on_heap_full_of(0x00), plan_on_heap_full_of(0xff));
}

/// With all that only some guests get: tables of virtual NUMA, pages that start vCPUs.
BuildPlan rich_plan_on_heap_full_of(unsigned char byte) {
    poison = byte;
    auto spec = test::spec_of(2048);
    spec.virtual_nodes = {{.pnode = 1, .size_mib = 1024, .vcpus = {1}, .distances = {10, 20}},
                          {.pnode = 0, .size_mib = 1024, .vcpus = {0}, .distances = {20, 10}}};
    spec.ap_startup = ApStartup::vcpuop;
    spec.cmdline = std::string(1001, 'x'); // of odd lengths, with gaps behind them
    const HostFacts host{.default_cpu_policy = {}, .cpu_nodes = {0U, 1U}, .nodes = 2};
    return plan_build(spec, test::linux_like(), test::ramdisk_of(4097), host);
}

TEST(Threats, Case17_NoPageOfAGuestShowsWhatMemoryHeldBefore) {
    const auto first = rich_plan_on_heap_full_of(0x00);
    expect_the_same(first, rich_plan_on_heap_full_of(0xff));
    EXPECT_NE(test::find_load(first, "ACPI tables"), nullptr);
}

TEST(Poison, IsReallyInFreshMemory) {
    poison = 0x77;
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): that is what this looks at
    const auto bytes = std::make_unique_for_overwrite<unsigned char[]>(64);
    EXPECT_EQ(bytes[63], 0x77);
}

} // namespace

} // namespace pvh::boot
