// SPDX-License-Identifier: LGPL-2.1-or-later
// No byte of our heap reaches a guest (the class of XSA-464): a plan made on a poisoned heap is the
// same whatever the poison.
#include "plan_fixture.h"

#include <cstdlib>
#include <cstring>
#include <new>

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

TEST(Poison, OfTheHeapIsInNoByteThatAGuestGets) {
    const auto first = plan_on_heap_full_of(0x00);
    const auto second = plan_on_heap_full_of(0xff);
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

TEST(Poison, IsReallyInFreshMemory) {
    poison = 0x77;
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): that is what this looks at
    const auto bytes = std::make_unique_for_overwrite<unsigned char[]>(64);
    EXPECT_EQ(bytes[63], 0x77);
}

} // namespace

} // namespace pvh::boot
