// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/bytes_view.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace pvh {

namespace {

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

Bytes counting(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::byte>(i);
    return bytes;
}

} // namespace

TEST(BytesView, ContainsRangesUpToItsEnd) {
    const Bytes bytes = counting(8);
    const BytesView view{bytes};
    EXPECT_TRUE(view.contains(0, 8));
    EXPECT_TRUE(view.contains(8, 0));
    EXPECT_FALSE(view.contains(0, 9));
    EXPECT_FALSE(view.contains(8, 1));
    EXPECT_FALSE(view.contains(9, 0));
}

TEST(BytesView, NoOffsetOrLengthWrapsTheCheck) {
    const Bytes bytes = counting(8);
    const BytesView view{bytes};
    EXPECT_FALSE(view.contains(4, kHuge));
    EXPECT_FALSE(view.contains(4, kHuge - 3)); // the sum would be 0
    EXPECT_FALSE(view.contains(kHuge, 1));
    EXPECT_FALSE(view.contains(kHuge, kHuge));
}

TEST(BytesView, ReadsLittleEndianAtAnyAlignment) {
    const Bytes bytes = counting(8);
    const BytesView view{bytes};
    EXPECT_EQ(view.read<std::uint32_t>(1), 0x04030201U);
    EXPECT_EQ(view.read<std::uint64_t>(0), 0x0706050403020100U);
    EXPECT_EQ(view.read<std::uint8_t>(7), 7U);
}

TEST(BytesView, ReadsNothingThatCrossesTheEnd) {
    const Bytes bytes = counting(8);
    const BytesView view{bytes};
    EXPECT_EQ(view.read<std::uint32_t>(5), std::nullopt);
    EXPECT_EQ(view.read<std::uint8_t>(8), std::nullopt);
    EXPECT_EQ(view.read<std::uint16_t>(kHuge), std::nullopt);
}

TEST(BytesView, SubViewIsBoundedByItself) {
    const Bytes bytes = counting(8);
    const auto middle = BytesView{bytes}.sub(2, 4);
    ASSERT_TRUE(middle);
    EXPECT_EQ(middle->size(), 4U);
    EXPECT_EQ(middle->read<std::uint8_t>(0), 2U);
    EXPECT_EQ(middle->read<std::uint8_t>(4), std::nullopt);
    EXPECT_FALSE(BytesView{bytes}.sub(2, 7));
}

TEST(BytesView, EmptyOneHoldsOnlyTheEmptyRange) {
    const BytesView view;
    EXPECT_TRUE(view.empty());
    EXPECT_TRUE(view.contains(0, 0));
    EXPECT_EQ(view.read<std::uint8_t>(0), std::nullopt);
    EXPECT_EQ(view.sub(0, 0)->size(), 0U);
}

} // namespace pvh
