// SPDX-License-Identifier: LGPL-2.1-or-later
// The ring against a guest that writes anything into any of its indices.
#include "daemon/console/ring.h"
#include "libdomain/core/error.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace pvh::console::test {

namespace {

constexpr std::size_t kIn = ConsoleRing::kInSize;
constexpr std::size_t kOut = ConsoleRing::kOutSize;

/// The guest's side: the shared page as xen/include/public/io/console.h lays it out.
struct Page {
    alignas(8) std::array<std::byte, 4096> bytes{};

    static constexpr std::size_t kInCons = kIn + kOut, kInProd = kInCons + 4,
                                 kOutCons = kInProd + 4, kOutProd = kOutCons + 4;

    void set(std::size_t at, std::uint32_t value) {
        std::memcpy(bytes.data() + at, &value, sizeof(value));
    }

    [[nodiscard]] std::uint32_t get(std::size_t at) const {
        std::uint32_t value = 0;
        std::memcpy(&value, bytes.data() + at, sizeof(value));
        return value;
    }

    void print(std::string_view text) {
        std::uint32_t prod = get(kOutProd);
        for (const char c : text)
            bytes.at(kIn + prod++ % kOut) = static_cast<std::byte>(c);
        set(kOutProd, prod);
    }

    std::string read() {
        std::string text;
        std::uint32_t cons = get(kInCons);
        while (cons != get(kInProd))
            text += static_cast<char>(bytes.at(cons++ % kIn));
        set(kInCons, cons);
        return text;
    }
};

TEST(ConsoleRing, GivesWhatWasPrintedOnce) {
    Page page;
    ConsoleRing ring{page.bytes};
    page.print("hello");
    const auto first = ring.peek();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->bytes, "hello");
    ring.take_to(first->end);
    EXPECT_EQ(ring.peek().value().bytes, "");
    EXPECT_EQ(ring.taken(), 5U);
}

TEST(ConsoleRing, WrapsAtItsEndAndAtTheEndOfIndices) {
    Page page;
    const std::uint32_t start = 0xffffffff - 9; // also 10 before a multiple of its size
    page.set(Page::kOutCons, start);
    page.set(Page::kOutProd, start);
    ConsoleRing ring{page.bytes};
    const std::string text(kOut, 'x');
    page.print(text + "");
    const auto output = ring.peek();
    ASSERT_TRUE(output);
    EXPECT_EQ(output->bytes, text);
    EXPECT_EQ(output->end, static_cast<std::uint32_t>(kOut - 10));
}

TEST(ConsoleRing, RefusesMoreThanFits) {
    Page page;
    page.set(Page::kOutProd, kOut + 1);
    EXPECT_FALSE(ConsoleRing{page.bytes}.peek());
    page.set(Page::kOutProd, 0);
    page.set(Page::kOutCons, 1); // ahead of the guest
    EXPECT_FALSE(ConsoleRing{page.bytes}.peek());
}

TEST(ConsoleRing, PutsNoMoreThanTheGuestHasRoomFor) {
    Page page;
    ConsoleRing ring{page.bytes};
    const std::string text(kIn + 100, 'k');
    EXPECT_EQ(ring.put(text), kIn);
    EXPECT_EQ(ring.put("more"), 0U);
    EXPECT_EQ(page.read(), text.substr(0, kIn));
    EXPECT_EQ(ring.put("more"), 4U);
    EXPECT_EQ(page.read(), "more");
}

TEST(ConsoleRing, PutsNothingIfInputIndicesAreNonsense) {
    Page page;
    ConsoleRing ring{page.bytes};
    page.set(Page::kInCons, 5); // read what was never written
    EXPECT_EQ(ring.put("x"), 0U);
    page.set(Page::kInCons, 0x80000000);
    EXPECT_EQ(ring.put("x"), 0U);
}

TEST(ConsoleRing, ResumesOnlyWithinWhatIsThere) {
    Page page;
    page.print("abcdef");
    ConsoleRing ring{page.bytes};
    ring.resume_at(7);
    EXPECT_EQ(ring.peek().value().bytes, "abcdef");
    ring.resume_at(0xffffffff);
    EXPECT_EQ(ring.peek().value().bytes, "abcdef");
    ring.resume_at(4);
    EXPECT_EQ(ring.peek().value().bytes, "ef");
}

TEST(ConsoleRing, WantsAWholePage) {
    std::array<std::byte, 100> little{};
    EXPECT_THROW(ConsoleRing{little}, Error);
}

/// Whatever the indices: nothing beyond what fits, and not a byte outside the rings is touched.
TEST(ConsoleRing, StaysInsideWithAnyIndices) {
    std::mt19937 random{7}; // NOLINT: the same each time
    const std::vector<std::uint32_t> odd{0,          1,          kIn - 1,    kIn,
                                         kIn + 1,    kOut - 1,   kOut,       kOut + 1,
                                         0x7fffffff, 0x80000000, 0xfffff800, 0xffffffff};
    const auto any = [&] {
        return random() % 2 == 0 ? odd[random() % odd.size()]
                                 : static_cast<std::uint32_t>(random());
    };
    for (int i = 0; i < 20000; ++i) {
        Page page;
        std::fill(page.bytes.begin() + Page::kOutProd + 4, page.bytes.end(), std::byte{0x5a});
        for (const std::size_t at : {Page::kInCons, Page::kInProd, Page::kOutCons, Page::kOutProd})
            page.set(at, any());
        ConsoleRing ring{page.bytes};
        const auto output = ring.peek();
        const std::uint32_t there = page.get(Page::kOutProd) - page.get(Page::kOutCons);
        ASSERT_EQ(output.has_value(), there <= kOut);
        if (output) {
            ASSERT_EQ(output->bytes.size(), there);
        }
        ASSERT_LE(ring.put(std::string(2 * kIn, 'i')), kIn);
        ring.resume_at(any());
        ASSERT_LE(page.get(Page::kOutProd) - page.get(Page::kOutCons),
                  std::max<std::uint32_t>(there, kOut));
        ASSERT_TRUE(std::all_of(page.bytes.begin() + Page::kOutProd + 4, page.bytes.end(),
                                [](std::byte b) { return b == std::byte{0x5a}; }));
    }
}

} // namespace

} // namespace pvh::console::test
